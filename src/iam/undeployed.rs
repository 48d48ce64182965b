//! What a placeholder stands for where the policy language wants more than any literal: a value of a certain form.

use ipnet::{IpNet, Ipv6Net};
use std::net::Ipv6Addr;

use super::{BaseOperator, ContextKey, Operand};
use crate::source::Placeholder;

/// A condition value that holds a placeholder, as it is compared: with the form that values of its key have.
///
/// A value that is not known before deployment is taken to be one that its key can have. `aws:SourceVpce` compared with
/// something that cannot be an endpoint would match nothing, which is not what anybody deploys.
pub(super) fn in_form(text: &str, key: &ContextKey) -> Option<String> {
    let (range, placeholder) = Placeholder::all_in(text).next().filter(|(range, _)| range.start == 0)?;
    let behind = text.get(range.end..)?;
    let folded = key.folded();
    // An id is as long as it would be: 17 characters behind the hyphen.
    let head = match folded {
        "aws:sourcevpce" => placeholder.behind("vpce-00000"),
        "aws:sourcevpc" | "aws:ec2instancesourcevpc" => placeholder.behind("vpc-00000"),
        "aws:principalarn" if behind.is_empty() => format!("arn:aws:iam::{placeholder}:role/{placeholder}"),
        "aws:sourcearn" if behind.is_empty() => {
            format!("arn:aws:{placeholder}:{placeholder}:{placeholder}:{placeholder}")
        }
        "aws:sourcevpcarn" if behind.is_empty() => {
            format!(
                "arn:aws:ec2:{placeholder}:{placeholder}:vpc/{}",
                placeholder.behind("vpc-00000")
            )
        }
        "s3:dataaccesspointarn" if behind.is_empty() => {
            format!("arn:aws:s3:{placeholder}:{placeholder}:accesspoint/{placeholder}")
        }
        _ if folded.ends_with("orgid") || folded.ends_with("orgpaths") => placeholder.behind("o-"),
        _ => return None,
    };
    Some(head + behind)
}

/// The address range that a placeholder stands for: one of the documentation's, which nobody else has.
pub(super) fn network(text: &str) -> Option<Operand> {
    let placeholder: Placeholder = text.parse().ok()?;
    let number = placeholder.number();
    let part = |shift: u32| u16::try_from(number >> shift & 0xffff).unwrap_or_default();
    let address = Ipv6Addr::new(0x2001, 0xdb8, part(32), part(16), part(0), 0, 0, 0);
    Ipv6Net::new(address, 80)
        .ok()
        .map(|net| Operand::Network(IpNet::V6(net)))
}

/// Whether an operator can compare with a value that is not known; elsewhere the statement cannot be decided.
pub(super) fn can_compare(base: BaseOperator) -> bool {
    match base {
        BaseOperator::StringEquals
        | BaseOperator::StringNotEquals
        | BaseOperator::StringEqualsIgnoreCase
        | BaseOperator::StringNotEqualsIgnoreCase
        | BaseOperator::StringLike
        | BaseOperator::StringNotLike
        | BaseOperator::ArnEquals
        | BaseOperator::ArnNotEquals
        | BaseOperator::ArnLike
        | BaseOperator::ArnNotLike
        | BaseOperator::IpAddress
        | BaseOperator::NotIpAddress => true,
        BaseOperator::NumericEquals
        | BaseOperator::NumericNotEquals
        | BaseOperator::NumericLessThan
        | BaseOperator::NumericLessThanEquals
        | BaseOperator::NumericGreaterThan
        | BaseOperator::NumericGreaterThanEquals
        | BaseOperator::DateEquals
        | BaseOperator::DateNotEquals
        | BaseOperator::DateLessThan
        | BaseOperator::DateLessThanEquals
        | BaseOperator::DateGreaterThan
        | BaseOperator::DateGreaterThanEquals
        | BaseOperator::Bool
        | BaseOperator::Null
        | BaseOperator::BinaryEquals => false,
    }
}
