-- However a session ends, the records that it owns are due from that moment: whoever must hear of its end is written there.
CREATE FUNCTION gatewright_session_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE records SET due = 0, rev = rev + 1 WHERE tenant = OLD.tenant AND owner = OLD.id;
    RETURN NULL;
END;
$$;
CREATE TRIGGER sessions_end AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION gatewright_session_ends();
