//! The questions: who can, can this, what is new, is this impossible, is TLS demanded.

#[cfg(test)]
mod asked;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod difference;
#[cfg(test)]
mod single;
#[cfg(test)]
mod states;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod words;
