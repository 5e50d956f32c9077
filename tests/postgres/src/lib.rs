#![doc = include_str!("../README.md")]

mod admin;
mod keeper;

use admin::Admin;
use keeper::Keeper;
use std::{
    net::TcpListener,
    path::PathBuf,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// The name of the user that owns everything.
pub const USER: &str = "gatewright";
/// The password, which only connections over TCP are asked for.
pub const PASSWORD: &str = "not-a-secret";

/// How often another port is tried when somebody else was faster.
const PORTS: usize = 5;

/// A PostgreSQL server of this process.
pub struct Server {
    keeper: Mutex<Keeper>,
    admin: Admin,
    folder: PathBuf,
    port: u16,
}

/// What a server may do otherwise.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    fsync: bool,
    tls: Option<(String, String)>,
}

/// A database that is gone with the value.
pub struct Database<'s> {
    server: &'s Server,
    name: String,
}

/// A fresh database on the one server of this process.
pub fn database() -> Database<'static> {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(Server::start).database()
}

impl Builder {
    /// Commits wait for the disk.
    #[must_use]
    pub fn fsync(self) -> Self {
        Self { fsync: true, ..self }
    }

    /// Over TCP it speaks TLS with this certificate and key, both in PEM.
    #[must_use]
    pub fn tls(self, cert: &str, key: &str) -> Self {
        Self { tls: Some((cert.to_owned(), key.to_owned())), ..self }
    }

    /// Starts a server.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start: it says why.
    pub fn start(self) -> Server {
        let mut said = String::new();
        for _ in 0..PORTS {
            let port = free_port();
            match Keeper::start(port, PASSWORD, &self) {
                Ok((keeper, folder)) => {
                    let admin = Admin::new(&url(&folder, port, "postgres"));
                    return Server { keeper: Mutex::new(keeper), admin, folder, port };
                }
                Err(error) => said = error,
            }
        }
        panic!("PostgreSQL does not start (Debian: apt-get install postgresql): {said}")
    }
}

impl Server {
    /// Starts a server of its own.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start: it says why.
    pub fn start() -> Self {
        Builder::default().start()
    }

    /// A fresh database.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn database(&self) -> Database<'_> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        self.admin.run(format!("CREATE DATABASE {name}")).expect("makes a database");
        Database { server: self, name }
    }

    /// Stops it: connections are ended in order, and nobody can connect.
    pub fn stop(&self) {
        self.order("stop");
    }

    /// Stops it as a power cut would.
    pub fn crash(&self) {
        self.order("crash");
    }

    /// Starts it again, at the same place.
    pub fn start_again(&self) {
        self.order("start");
    }

    /// Runs one statement as the owner of everything, in the database `postgres`.
    ///
    /// # Errors
    /// What the server says.
    pub fn run(&self, sql: &str) -> Result<(), String> {
        self.admin.run(sql.to_owned())
    }

    fn order(&self, order: &str) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        keeper.order(order).unwrap_or_else(|said| panic!("PostgreSQL could not {order}: {said}"));
    }
}

impl Database<'_> {
    /// Over the unix socket, without a password.
    pub fn url(&self) -> String {
        url(&self.server.folder, self.server.port, &self.name)
    }

    /// Over TCP, with the password.
    pub fn tcp_url(&self) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{}", self.server.port, self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its server.
    pub fn server(&self) -> &Server {
        self.server
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // Where the server is down the folder goes with it.
        self.server.admin.later(format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn url(folder: &std::path::Path, port: u16, database: &str) -> String {
    let host = folder.display().to_string().replace('/', "%2F");
    format!("postgres://{USER}@{host}:{port}/{database}")
}

fn free_port() -> u16 {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    socket.local_addr().expect("an address").port()
}

#[cfg(test)]
mod tests;
