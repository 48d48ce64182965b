/// What a script begins with.
pub(super) const BEFORE: &str = r#"#
#   DRY_RUN=1 sh SCRIPT             shows the commands and runs none
#   SKIP_ACCOUNT_CHECK=1 sh SCRIPT  does not ask AWS whose credentials these are

set -eu
AWS_PAGER=
export AWS_PAGER
done_any=0

# Runs a command, or shows it.
run() {
    if [ "${DRY_RUN:-0}" = 1 ]; then
        printf 'would run:'
        printf ' %s' "$@"
        printf '\n'
    else
        printf 'runs: %s %s %s\n' "$1" "$2" "$3"
        "$@" >/dev/null
    fi
}

# Whether the credentials are those of an account; asked once.
in_account() {
    if [ "${SKIP_ACCOUNT_CHECK:-0}" != 1 ]; then
        if [ -z "${caller:-}" ]; then
            caller=$(aws sts get-caller-identity --query Account --output text)
        fi
        if [ "$caller" != "$1" ]; then
            printf 'passes over what is in account %s: the credentials are of account %s\n' "$1" "$caller" >&2
            return 1
        fi
    fi
    done_any=1
}
"#;

/// What a script ends with.
pub(super) const AFTER: &str = r#"
if [ "$done_any" = 0 ]; then
    printf 'nothing was done: use credentials of an account that is named above\n' >&2
    exit 1
fi
"#;
