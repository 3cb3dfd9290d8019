//! The child's main loop: one thread reads commands and turns the switch, the other owns llama.cpp and answers.

use super::{
    context,
    decoder::Decoder,
    llama,
    output::Output,
    prompt::Style,
    protocol::{Command, Event, GenerateSpec, LoadSpec},
    switch,
};
use crate::domain::failure::LaneFailure;
use std::{
    cell::RefCell,
    io::{self, BufRead},
    process::ExitCode,
    rc::Rc,
    sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TryRecvError},
    thread,
    time::Duration,
};

/// How long an operation that cannot be stopped may outlive the parent.
const GRACE: Duration = Duration::from_secs(3);

/// Serves until the input ends.
pub(super) fn main_loop() -> ExitCode {
    offer_to_die_first();
    let (sender, commands) = mpsc::sync_channel(16);
    let (serving, served) = mpsc::sync_channel(1);
    let reader = thread::Builder::new()
        .name("commands".into())
        .spawn(move || read_commands(sender, &served));
    let outcome = reader
        .and_then(|_| Output::claim())
        .and_then(|output| serve(output, &commands));
    drop(serving);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// When memory runs out, Linux ends a process that offers itself; the program and its other lanes live on.
fn offer_to_die_first() {
    #[cfg(target_os = "linux")]
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
}

fn read_commands(sender: SyncSender<Command>, served: &Receiver<()>) {
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        match Command::read_line(&line) {
            Ok(Command::Cancel(id)) => switch::cancel(id),
            Ok(Command::Unload) | Err(_) => break,
            Ok(command @ (Command::Load(_) | Command::Generate(_))) => {
                if sender.send(command).is_err() {
                    break;
                }
            }
        }
    }
    switch::close();
    drop(sender);
    // The other thread ends by itself where it can be stopped; a driver that hangs must not keep the process.
    if let Err(RecvTimeoutError::Timeout) = served.recv_timeout(GRACE) {
        end_now();
    }
}

#[cfg(unix)]
fn end_now() {
    use rustix::process::{Signal, getpid, kill_process};
    let _ = kill_process(getpid(), Signal::KILL);
}

#[cfg(not(unix))]
fn end_now() {
    std::process::exit(1);
}

fn serve(output: Output, commands: &Receiver<Command>) -> io::Result<()> {
    let Ok(Command::Load(spec)) = commands.recv() else {
        return Ok(());
    };
    // The progress of the load is told from within llama.cpp, on this same thread.
    let output = Rc::new(RefCell::new(output));
    match answer_all(&spec, &output, commands) {
        Ok(served) => served,
        Err(failure) => output.borrow_mut().send(&Event::Failed(failure)),
    }
}

/// Loads, then answers what is asked. The outer error is a failed load.
fn answer_all(
    spec: &LoadSpec,
    output: &Rc<RefCell<Output>>,
    commands: &Receiver<Command>,
) -> Result<io::Result<()>, LaneFailure> {
    let loaded = llama::load(spec, output)?;
    let style = Style::find(&spec.template, loaded.header.chat_template(), &loaded.model)?;
    let mut decoder = Decoder::new(context::warm(&loaded)?, &loaded);
    let mut output = output.borrow_mut();
    let mut served = output.send(&Event::Ready(loaded.ready.clone()));
    while served.is_ok() {
        served = match next(commands, &decoder) {
            Next::Begin(spec) => begin(&mut decoder, &style, &loaded, &spec, &mut output),
            Next::Step => decoder.step(&mut output),
            Next::End => break,
        };
    }
    Ok(served)
}

/// What to do next.
enum Next {
    Begin(Box<GenerateSpec>),
    Step,
    /// The parent is gone.
    End,
}

fn next(commands: &Receiver<Command>, decoder: &Decoder<'_>) -> Next {
    if decoder.is_full() {
        return Next::Step;
    }
    let command = if decoder.is_idle() {
        commands.recv().map_err(TryRecvError::from)
    } else {
        commands.try_recv()
    };
    match command {
        Ok(Command::Generate(spec)) => Next::Begin(spec),
        Err(TryRecvError::Empty) => Next::Step,
        Ok(Command::Load(_) | Command::Cancel(_) | Command::Unload)
        | Err(TryRecvError::Disconnected) => Next::End,
    }
}

fn begin(
    decoder: &mut Decoder<'_>,
    style: &Style,
    loaded: &llama::Loaded,
    spec: &GenerateSpec,
    output: &mut Output,
) -> io::Result<()> {
    switch::begin(spec.id);
    output.start(spec.id)?;
    let begun = match style.prompt(&loaded.model.vocab(), spec) {
        Ok(prompt) => decoder.begin(prompt, spec, output)?,
        Err(failure) => Err(failure),
    };
    let Err(failure) = begun else {
        return Ok(());
    };
    switch::end(spec.id);
    output.send(&Event::Failed(failure))?;
    // However many are refused, what runs goes on between them.
    decoder.step(output)
}
