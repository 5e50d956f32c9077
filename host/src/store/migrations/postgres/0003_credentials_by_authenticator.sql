-- Documents of an authenticator are brought to its newest version without reading everybody else's.
CREATE INDEX credentials_authenticator ON credentials (authenticator, id);
