//! Against a server on this machine.
