pub(super) const EXIT_STATUS: &str = "\
Exit status:
  0  no finding at or above the fail level
  1  findings at or above the fail level; access that must be impossible is possible
     (--deny-check); access is new (--fail-on-new-access)
  2  the question could not be answered: wrong usage, configuration or rules, or an input
     that could not be read or decided (findings are still printed; see --allow-incomplete)";

pub(super) const FIX_EXAMPLES: &str = "\
Prints one unified diff for `git apply` or `patch -p1`; lines that begin with `#` say what each edit does, what it takes away,
and what no edit can close. Every edit was read and judged again before it is shown.

Examples:
  See what would close all findings of a repository:
      bucketproof fix .

  Apply it:
      bucketproof fix . | git apply

  Close what one rule found, in place:
      bucketproof fix . --rule s3/public-read --write

  Close what a snapshot shows in the accounts themselves, with a way back:
      bucketproof fix snapshot/ --aws-cli repair/
      DRY_RUN=1 sh repair/fix.sh

Exit status: 0 all findings are closed by the edits; 1 some are not, or need input; 2 the question could not be answered";

pub(super) const SCAN_EXAMPLES: &str = "\
Examples:
  Judge a snapshot: a directory of raw `aws s3api …` answers, one folder for each account:
      bucketproof scan snapshot/

  Also write SARIF for code scanning, and fail on critical findings only:
      bucketproof scan snapshot/ --output sarif=bucketproof.sarif --fail-on critical

  Write a page for people and the findings for Security Hub:
      bucketproof scan snapshot/ -o html=report.html -o asff=findings.json

  Judge one policy before it is put on a bucket:
      bucketproof scan policy.json --as bucket-policy:my-bucket --account 111122223333

  Judge the policy of a live bucket:
      aws s3api get-bucket-policy --bucket my-bucket |
          bucketproof scan - --as bucket-policy:my-bucket";

pub(super) const ACCESS_EXAMPLES: &str = "\
Examples:
  Who has access to the buckets and roles of a snapshot:
      bucketproof access snapshot/

  Names of the buckets and roles that are open to the public:
      bucketproof access snapshot/ --format json |
          jq -r '.resources[] | select(.status.sharing == \"public\").name'

  Who can read the objects below one prefix, and what about one request:
      bucketproof access --who-can s3:GetObject my-bucket/reports/* snapshot/
      bucketproof access --can anonymous s3:GetObject my-bucket/reports/a.csv snapshot/

  Fail if anybody, our own account included, can write by these documents:
      bucketproof access --deny-check s3:PutObject my-bucket/* snapshot/";

pub(super) const NEW_EXAMPLES: &str = "\
Examples:
  A rule about grants, in a pack of its own:
      bucketproof rules new acme/shared-with-vendor --in security/rules

  See that it holds, and use it:
      bucketproof rules check security/rules/acme
      bucketproof rules test security/rules/acme
      bucketproof scan snapshot/ --pack security/rules/acme";

pub(super) const TEST_STATUS: &str = "\
Exit status:
  0  every case is as it should be
  1  some case is not, or is missing
  2  a pack or a case cannot be read";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  For the shell that is running:
      source <(bucketproof completions bash)

  For good:
      bucketproof completions zsh > ~/.zfunc/_bucketproof
      bucketproof completions fish > ~/.config/fish/completions/bucketproof.fish";

pub(super) const TIMELINE_EXAMPLES: &str = "\
Examples:
  What changed, by the logs of a trail and a snapshot from before them:
      bucketproof timeline AWSLogs/ --snapshot snapshots/monday/

  The same with a snapshot of now:
      bucketproof timeline AWSLogs/ --snapshot snapshot/ --snapshot-is after

  Buckets and roles that are still open to somebody from outside:
      bucketproof timeline AWSLogs/ --snapshot snapshots/monday/ --format json |
          jq -r '.windows[] | select(.state == \"open\") | .resource'";

pub(super) const DIFF_EXAMPLES: &str = "\
Examples:
  What changed since yesterday:
      bucketproof diff snapshots/monday/ snapshots/tuesday/

  Fail a pull request that gives new access:
      bucketproof diff old-policy.json new-policy.json --as bucket-policy:my-bucket \\
          --account 111122223333 --fail-on-new-access";

pub(super) const TRACE_EXAMPLES: &str = "\
Questions of one kind are alternatives; those of several kinds must all fit.

Examples:
  What did this key do, and through which role sessions did it pass:
      bucketproof trace AWSLogs/ --access-key AKIAIOSFODNN7EXAMPLE

  Who touched this object, in whichever bucket it lay:
      bucketproof trace AWSLogs/ --object 's3://*/reports/salaries.csv'

  What did nobody in particular read while the bucket was open:
      bucketproof trace AWSLogs/ --bucket acme-data --principal anonymous \\
          --during-exposure --windows timeline.json

  The same, for logs that stay in AWS:
      bucketproof trace --bucket acme-data --principal anonymous --print-sql athena";

pub(super) const VERIFY_EXAMPLES: &str = "\
Examples:
  The report after an incident:
      bucketproof verify --before snapshots/open/ --after snapshots/shut/ --logs AWSLogs/ \\
          --incident incident.toml > report.md

Exit status:
  0  contained: what was let through is refused, and nobody hostile or unintended has access
  1  open: some of it is still allowed
  2  unknown: something that would decide is not known, or could not be read";

pub(super) const CONTAIN_EXAMPLES: &str = "\
Examples:
  The plan as a list to tick off, with whom it breaks by the logs:
      bucketproof contain snapshot/ --incident incident.toml --logs AWSLogs/ > plan.md

Exit status:
  0  the plan shuts everything that is known of the incident
  1  something is left that no step shuts
  2  something could not be read or decided";
