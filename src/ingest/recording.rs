use super::acl::acl;
use super::bucket::Subject;
use super::document::View;
use super::layout::Task;
use super::loose::{Shape, recognise};
use super::part::Part;
use crate::iam::PolicyKind;
use crate::model::{Bucket, ObjectAcl, Setting};

/// Whether a value holds answers of AWS that a test suite recorded: `{TEST: {"recorded-content": {STEP: answer}}}`.
pub(super) fn is_recording(view: View<'_>) -> bool {
    let first = view.node.members().first();
    first.is_some_and(|member| member.value.get(CONTENT).is_some())
}

/// Reads policies, ACLs and roles out of a recording. A test changes what it looks at between two answers, so each
/// of them is a bucket of its own, named after test and step, and judged alone.
pub(super) fn read_recording(view: View<'_>, part: &mut Part) {
    for test in view.node.members() {
        let Some(content) = View::new(view.text, &test.value).get(CONTENT) else {
            continue;
        };
        let title = test.key.rsplit("::").next().unwrap_or(&test.key);
        for step in content.node.members() {
            let name = format!("{title}/{}", step.key);
            read_step(View::new(view.text, &step.value), &name, part);
        }
    }
}

fn read_step(view: View<'_>, name: &str, part: &mut Part) {
    let mut bucket = Bucket {
        name: name.into(),
        span: view.span(),
        ..Bucket::default()
    };
    match recognise(view) {
        Some(Shape::PolicyAnswer) => {
            let policy = view.get("Policy");
            bucket.policy = policy.map_or(Setting::Absent, |policy| part.notes.policy(policy, PolicyKind::Bucket));
        }
        Some(Shape::About(Subject::Acl)) => {
            let acl = part.notes.settle(acl(view), COMMAND);
            // The answer looks the same for buckets and objects; the step is named after what was asked.
            let step = name.rsplit('/').next().unwrap_or(name);
            if step.contains("object") || step.contains("key") {
                bucket.objects.push(ObjectAcl {
                    key: step.into(),
                    acl,
                    span: view.span(),
                });
            } else {
                bucket.acl = acl;
            }
        }
        Some(Shape::Task(Task::Authorization)) => {
            let before = part.roles.len();
            super::authorization::read_authorization(view, &[], part);
            for (index, role) in part.roles.iter_mut().skip(before).enumerate() {
                role.name = format!("{name}/{index}").into();
            }
            return;
        }
        Some(_) | None => return,
    }
    part.alone(bucket);
}

const CONTENT: &str = "recorded-content";
const COMMAND: &str = "s3api get-bucket-acl";
