//! The structure of the house: who may import whom, how large a file is, what must not be anywhere.

#[cfg(test)]
mod layers;
#[cfg(test)]
mod layout;
#[cfg(test)]
mod licences;
#[cfg(test)]
mod rust;
#[cfg(test)]
mod tree;
