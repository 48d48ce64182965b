//! Functions on blocks of addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::access::whole;
use super::eval::{Eval, Evaluator, Fault};
use super::functions::is_hazy;
use super::value::Val;
use crate::source::Span;

/// A block of addresses: its first address as a number, how many bits are fixed, and how many there are.
#[derive(Clone, Copy)]
struct Block {
    first: u128,
    fixed: u32,
    bits: u32,
}

impl Evaluator<'_> {
    /// A function on blocks of addresses, if it is one.
    pub fn network_function(&self, name: &str, values: &[Val], span: Span) -> Option<Eval> {
        match name {
            "cidrhost" | "cidrsubnet" | "cidrnetmask" | "cidrsubnets" => {
                if values.iter().any(is_hazy) {
                    return Some(Ok(self.unknown_result(name, values, span)));
                }
                Some(self.network(name, values, span))
            }
            _ => None,
        }
    }

    fn network(&self, name: &str, values: &[Val], span: Span) -> Eval {
        let text = self.to_text(self.argument(values, 0, span)?)?;
        let wrong = || Fault::new(span, format!("`{name}` of `{text}` has no result"));
        let block = Block::parse(&text).ok_or_else(wrong)?;
        let mut numbers = Vec::new();
        for value in values.get(1..).unwrap_or_default() {
            numbers.push(self.number(value)?.ok_or_else(wrong)?);
        }
        let counts: Option<Vec<usize>> = numbers.iter().map(|number| whole(*number)).collect();
        match (name, numbers.as_slice()) {
            ("cidrhost", [place]) => Ok(Val::text(block.host(*place).ok_or_else(wrong)?, span)),
            ("cidrnetmask", []) => {
                let mask = Block {
                    first: block.mask(),
                    ..block
                };
                Ok(Val::text(mask.address(), span))
            }
            ("cidrsubnet", [_, _]) => {
                let found = match counts.as_deref() {
                    Some([more, place]) => block.subnet(*more, *place),
                    Some(_) | None => None,
                };
                Ok(Val::text(found.ok_or_else(wrong)?.to_text(), span))
            }
            ("cidrsubnets", _) => {
                let found = block.subnets(&counts.ok_or_else(wrong)?).ok_or_else(wrong)?;
                Ok(Val::list(
                    found
                        .into_iter()
                        .map(|block| Val::text(block.to_text(), span))
                        .collect(),
                    span,
                ))
            }
            _ => Err(wrong()),
        }
    }
}

impl Block {
    fn parse(text: &str) -> Option<Self> {
        let (address, fixed) = text.split_once('/')?;
        let (first, bits) = match address.parse().ok()? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let fixed: u32 = fixed.parse().ok().filter(|fixed| *fixed <= bits)?;
        let block = Self { first, fixed, bits };
        Some(Self {
            first: first & block.mask(),
            ..block
        })
    }

    /// The fixed bits.
    fn mask(self) -> u128 {
        let free = self.bits - self.fixed;
        let all = if self.bits == 128 {
            u128::MAX
        } else {
            (1 << self.bits) - 1
        };
        if free >= 128 { 0 } else { all >> free << free }
    }

    fn host(self, place: f64) -> Option<String> {
        let size = if self.bits - self.fixed >= 128 {
            u128::MAX
        } else {
            1 << (self.bits - self.fixed)
        };
        let offset = if place < 0.0 {
            size.checked_sub(u128::try_from(whole(-place)?).ok()?)?
        } else {
            u128::try_from(whole(place)?).ok()?
        };
        (offset < size).then_some(())?;
        let host = Self {
            first: self.first.checked_add(offset)?,
            ..self
        };
        Some(host.address())
    }

    fn subnet(self, more: usize, place: usize) -> Option<Self> {
        let fixed = self
            .fixed
            .checked_add(u32::try_from(more).ok()?)
            .filter(|fixed| *fixed <= self.bits)?;
        let place = u128::try_from(place).ok()?;
        if more < 128 && place >> more != 0 {
            return None;
        }
        let shifted = place.checked_shl(self.bits - fixed)?;
        Some(Self {
            first: self.first | shifted,
            fixed,
            ..self
        })
    }

    /// Blocks one after the other, each at the next place that fits it.
    fn subnets(self, more: &[usize]) -> Option<Vec<Self>> {
        let mut next = self.first;
        let mut found = Vec::new();
        for bits in more {
            let fixed = self
                .fixed
                .checked_add(u32::try_from(*bits).ok()?)
                .filter(|fixed| *fixed <= self.bits)?;
            let size = 1_u128.checked_shl(self.bits - fixed)?;
            let first = next.checked_add(size - 1)? / size * size;
            let block = Self { first, fixed, ..self };
            (first & self.mask() == self.first).then_some(())?;
            found.push(block);
            next = first.checked_add(size)?;
        }
        Some(found)
    }

    fn address(self) -> String {
        match u32::try_from(self.first) {
            Ok(address) if self.bits == 32 => Ipv4Addr::from(address).to_string(),
            Ok(_) | Err(_) => Ipv6Addr::from(self.first).to_string(),
        }
    }

    fn to_text(self) -> String {
        format!("{}/{}", self.address(), self.fixed)
    }
}
