use std::fmt;

/// A condition operator as a statement uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:` [COND-28], [COND-29].
    pub qualifier: Option<Qualifier>,
    /// What is compared how.
    pub base: BaseOperator,
    /// `…IfExists`: true where the key is absent [COND-27].
    pub if_exists: bool,
}

/// How an operator ranges over the values of a multivalued key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Qualifier {
    /// Every value of the request [COND-28].
    ForAllValues,
    /// Some value of the request [COND-29].
    ForAnyValue,
}

macro_rules! base_operators {
    ($($name:ident, $negated:literal, $clause:literal;)*) => {
        /// What an operator compares, and how [COND-10…26].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum BaseOperator {
            $(#[doc = concat!("`", stringify!($name), "` ", $clause, ".")] $name,)*
        }

        impl BaseOperator {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The documented spelling.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Whether it is true where its positive counterpart is false, on absence too [COND-30].
            pub fn is_negated(self) -> bool {
                match self { $(Self::$name => $negated,)* }
            }
        }
    };
}

base_operators! {
    StringEquals, false, "[COND-10]";
    StringNotEquals, true, "[COND-11]";
    StringEqualsIgnoreCase, false, "[COND-12]";
    StringNotEqualsIgnoreCase, true, "[COND-13]";
    StringLike, false, "[COND-14]";
    StringNotLike, true, "[COND-15]";
    NumericEquals, false, "[COND-16]";
    NumericNotEquals, true, "[COND-17]";
    NumericLessThan, false, "[COND-16]";
    NumericLessThanEquals, false, "[COND-16]";
    NumericGreaterThan, false, "[COND-16]";
    NumericGreaterThanEquals, false, "[COND-16]";
    DateEquals, false, "[COND-18]";
    DateNotEquals, true, "[COND-19]";
    DateLessThan, false, "[COND-18]";
    DateLessThanEquals, false, "[COND-18]";
    DateGreaterThan, false, "[COND-18]";
    DateGreaterThanEquals, false, "[COND-18]";
    Bool, false, "[COND-20]";
    BinaryEquals, false, "[COND-21]";
    IpAddress, false, "[COND-22]";
    NotIpAddress, true, "[COND-23]";
    ArnEquals, false, "[COND-24]";
    ArnNotEquals, true, "[COND-25]";
    ArnLike, false, "[COND-24]";
    ArnNotLike, true, "[COND-25]";
    Null, false, "[COND-26]";
}

impl BaseOperator {
    /// The operator that is true exactly where this one is false; none for those that have no name for it.
    pub fn negation(self) -> Option<Self> {
        Some(match self {
            Self::StringEquals => Self::StringNotEquals,
            Self::StringNotEquals => Self::StringEquals,
            Self::StringEqualsIgnoreCase => Self::StringNotEqualsIgnoreCase,
            Self::StringNotEqualsIgnoreCase => Self::StringEqualsIgnoreCase,
            Self::StringLike => Self::StringNotLike,
            Self::StringNotLike => Self::StringLike,
            Self::NumericEquals => Self::NumericNotEquals,
            Self::NumericNotEquals => Self::NumericEquals,
            Self::DateEquals => Self::DateNotEquals,
            Self::DateNotEquals => Self::DateEquals,
            Self::IpAddress => Self::NotIpAddress,
            Self::NotIpAddress => Self::IpAddress,
            Self::ArnEquals => Self::ArnNotEquals,
            Self::ArnNotEquals => Self::ArnEquals,
            Self::ArnLike => Self::ArnNotLike,
            Self::ArnNotLike => Self::ArnLike,
            Self::NumericLessThan => Self::NumericGreaterThanEquals,
            Self::NumericLessThanEquals => Self::NumericGreaterThan,
            Self::NumericGreaterThan => Self::NumericLessThanEquals,
            Self::NumericGreaterThanEquals => Self::NumericLessThan,
            Self::DateLessThan => Self::DateGreaterThanEquals,
            Self::DateLessThanEquals => Self::DateGreaterThan,
            Self::DateGreaterThan => Self::DateLessThanEquals,
            Self::DateGreaterThanEquals => Self::DateLessThan,
            Self::Bool | Self::BinaryEquals | Self::Null => return None,
        })
    }
}

impl Operator {
    /// An operator without qualifier and suffix.
    pub fn plain(base: BaseOperator) -> Self {
        Self {
            qualifier: None,
            base,
            if_exists: false,
        }
    }

    /// The operator of this name, whatever its letter case [COND-05]; none if there is no such operator [COND-41].
    ///
    /// Letter case is unverified: AWS is known to accept other spellings than the documented one.
    pub fn from_name(name: &str) -> Option<Self> {
        let (qualifier, rest) = match name.split_once(':') {
            None => (None, name),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => {
                (Some(Qualifier::ForAllValues), rest)
            }
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (Some(Qualifier::ForAnyValue), rest),
            Some(_) => return None,
        };
        let find = |text: &str| {
            BaseOperator::ALL
                .iter()
                .copied()
                .find(|base| base.name().eq_ignore_ascii_case(text))
        };
        if let Some(base) = find(rest) {
            return Some(Self {
                qualifier,
                base,
                if_exists: false,
            });
        }
        let cut = rest.len().checked_sub("IfExists".len())?;
        let (stem, suffix) = (rest.get(..cut)?, rest.get(cut..)?);
        let base = find(stem).filter(|_| suffix.eq_ignore_ascii_case("IfExists"))?;
        // [COND-35]: there is no `NullIfExists`.
        (base != BaseOperator::Null).then_some(Self {
            qualifier,
            base,
            if_exists: true,
        })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.qualifier {
            Some(Qualifier::ForAllValues) => f.write_str("ForAllValues:")?,
            Some(Qualifier::ForAnyValue) => f.write_str("ForAnyValue:")?,
            None => {}
        }
        f.write_str(self.base.name())?;
        if self.if_exists {
            f.write_str("IfExists")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_survives_its_own_name() {
        for base in BaseOperator::ALL {
            for qualifier in [None, Some(Qualifier::ForAllValues), Some(Qualifier::ForAnyValue)] {
                for if_exists in [false, true] {
                    let operator = Operator {
                        qualifier,
                        base: *base,
                        if_exists,
                    };
                    let expected = (*base != BaseOperator::Null || !if_exists).then_some(operator);
                    let name = operator.to_string();
                    assert_eq!(Operator::from_name(&name), expected, "{name}");
                    assert_eq!(Operator::from_name(&name.to_lowercase()), expected, "{name}");
                }
            }
        }
    }

    #[test]
    fn unknown_operators_are_none() {
        for name in [
            "",
            "StringEqual",
            "IfExists",
            "ForSomeValues:StringEquals",
            "NullIfExists",
            "StringEqualsIfExistsIfExists",
        ] {
            assert_eq!(Operator::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn negation_is_its_own_inverse() {
        for base in BaseOperator::ALL {
            if let Some(negation) = base.negation() {
                assert_eq!(negation.negation(), Some(*base));
            }
        }
    }
}
