//! Reports of hand-made results: what people see, and what the machine formats promise.

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod json;
#[cfg(test)]
mod sarif;
#[cfg(test)]
mod text;
