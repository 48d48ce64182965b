//! Reports of hand-made results: what people see, and what the machine formats promise.

#[cfg(test)]
mod attack;
#[cfg(test)]
mod ci;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod html;
#[cfg(test)]
mod json;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod markdown;
#[cfg(test)]
mod sarif;
#[cfg(test)]
#[path = "../support/contract.rs"]
mod schemas;
#[cfg(test)]
mod siem;
#[cfg(test)]
mod text;
