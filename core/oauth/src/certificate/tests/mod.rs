mod chain;
mod name;
mod registered;
