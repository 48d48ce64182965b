use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address can be a caller's public address, and so a value of `aws:SourceIp` [COND-42], [OPEN-05].
///
/// Private, loopback, link-local, shared, multicast and reserved ranges are no one's public address.
/// Documentation ranges are: they stand for real addresses in examples, tests and witnesses.
pub(super) fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let unspecified = first == 0;
    let shared = first == 100 && (64..128).contains(&second);
    let reserved = first >= 240;
    !(unspecified
        || shared
        || reserved
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast())
}

/// Global unicast is `2000::/3`; the rest is local, multicast or unassigned.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, ..] = address.segments();
    first & 0xE000 == 0x2000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_reserved_addresses_are_nobodys() {
        let check = |text: &str, expected| {
            assert_eq!(is_public_address(text.parse().expect(text)), expected, "{text}");
        };
        for text in [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:8.8.8.8",
        ] {
            check(text, false);
        }
        for text in [
            "8.8.8.8",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.0",
            "198.51.100.7",
            "203.0.113.7",
            "223.255.255.255",
            "2001:db8::1",
            "2600::1",
        ] {
            check(text, true);
        }
    }
}
