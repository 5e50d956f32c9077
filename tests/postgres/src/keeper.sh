# Makes a PostgreSQL in a folder of its own and obeys orders until nobody is left to give them.
# $1: where the programs are, or nothing for PATH; $2: port; $3: password; $4: fsync
trap '' INT TERM HUP
[ -z "$1" ] || PATH="$1:$PATH"
folder=$(mktemp -d "${TMPDIR:-/tmp}/gatewright-postgres-XXXXXX") || exit 1
cd "$folder" || exit 1
control() { pg_ctl --pgdata=data --log=log --wait --silent "$@" </dev/null >>said 2>&1; }
done_or_failed() {
    if [ "$1" -eq 0 ]; then echo "ok $folder"; else echo "failed $(cat said log 2>/dev/null | tail -n 20 | tr '\n' ' ')"; fi
}

umask 077
printf '%s' "$3" >password
initdb --pgdata=data --username=gatewright --pwfile=password --auth-local=trust --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >>said 2>&1
made=$?
cat >>data/postgresql.conf <<CONF
listen_addresses = '127.0.0.1'
port = $2
unix_socket_directories = '$folder'
max_connections = 400
shared_buffers = 64MB
fsync = $4
CONF
if [ -n "$GATEWRIGHT_TEST_CERT" ]; then
    printf '%s' "$GATEWRIGHT_TEST_CERT" >data/server.crt
    printf '%s' "$GATEWRIGHT_TEST_KEY" >data/server.key
    echo 'ssl = on' >>data/postgresql.conf
fi
if [ "$made" -eq 0 ]; then
    control start
    made=$?
fi
done_or_failed "$made"

while read -r order; do
    case $order in
    start) control start ;;
    stop) control --mode=fast stop ;;
    crash) control --mode=immediate stop ;;
    esac
    done_or_failed $?
done
control --mode=immediate stop
cd / && rm -rf "$folder"
