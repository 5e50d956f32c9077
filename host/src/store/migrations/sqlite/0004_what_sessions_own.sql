-- However a session ends, the records that it owns are due from that moment: whoever must hear of its end is written there.
CREATE TRIGGER sessions_end AFTER DELETE ON sessions BEGIN
    UPDATE records SET due = 0, rev = rev + 1 WHERE tenant = OLD.tenant AND owner = OLD.id;
END;
