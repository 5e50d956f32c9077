//! Every order in which three wakers can take their steps.

use crate::baton::Baton;

const WAKERS: usize = 3;

/// Where one of the threads is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// It is about to write what the task waits for.
    Write,
    /// It is about to wake the task.
    Wake,
    /// It polls: looks at what has been written.
    Poll,
    /// It has polled, and did not see all.
    Rest,
    /// It has polled, and saw all.
    End,
    /// It has gone.
    Gone,
}

/// Threads, what they have written, how often the task ended.
struct World {
    baton: Baton,
    at: [At; WAKERS],
    written: usize,
    ended: usize,
}

impl World {
    fn step(&mut self, thread: usize) {
        self.at[thread] = match self.at[thread] {
            At::Write => {
                self.written += 1;
                At::Wake
            }
            At::Wake if self.baton.wake() => At::Poll,
            At::Wake => At::Gone,
            At::Poll => {
                let others = self.at.iter().filter(|at| matches!(at, At::Poll | At::Rest | At::End)).count();
                assert_eq!(others, 1, "two poll at once");
                assert_eq!(self.ended, 0, "polled after its end");
                if self.written == WAKERS { At::End } else { At::Rest }
            }
            At::Rest if self.baton.rest() => At::Poll,
            At::Rest => At::Gone,
            At::End => {
                self.baton.end();
                self.ended += 1;
                At::Gone
            }
            At::Gone => unreachable!("gone"),
        };
    }

    fn able(&self) -> Vec<usize> {
        (0..WAKERS).filter(|&i| self.at[i] != At::Gone).collect()
    }
}

/// Follows the choices, takes the first where there is none, and notes how many there were.
fn run(choices: &mut Vec<(usize, usize)>) {
    let mut world = World { baton: Baton::new(), at: [At::Write; WAKERS], written: 0, ended: 0 };
    for depth in 0.. {
        let able = world.able();
        if able.is_empty() {
            break;
        }
        if depth == choices.len() {
            choices.push((0, able.len()));
        }
        world.step(able[choices[depth].0]);
    }
    assert_eq!(world.ended, 1, "a wake was lost: {choices:?}");
    assert!(world.baton.ended());
}

#[test]
fn no_order_loses_a_wake_or_polls_twice_at_once() {
    let mut choices = Vec::new();
    let mut orders = 0;
    loop {
        run(&mut choices);
        orders += 1;
        while choices.last().is_some_and(|(taken, of)| taken + 1 == *of) {
            choices.pop();
        }
        match choices.last_mut() {
            Some((taken, _)) => *taken += 1,
            None => break,
        }
    }
    assert!(orders > 1_000, "only {orders} orders");
}
