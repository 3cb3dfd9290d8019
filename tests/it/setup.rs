//! `.ci/setup`, run against machines made of a folder of commands: what it looks for, what it calls, what it says.
//!
//! No package manager of this machine is called: those in the folder write down how they were called, and "install"
//! by putting the missing command there.

#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Commands that every system has.
const BASE: [&str; 9] = [
    "cat", "cut", "dirname", "env", "ln", "mktemp", "rm", "sed", "tr",
];

struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    /// With rustc, a C++ compiler, cmake and libclang, run by root.
    fn complete() -> Self {
        let machine = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for name in ["bin", "does", "clang/99/include"] {
            fs::create_dir_all(machine.path(name)).unwrap();
        }
        for name in ["libclang.so", "clang/99/include/stddef.h", "calls"] {
            fs::write(machine.path(name), "").unwrap();
        }
        for name in BASE {
            symlink(which(name), machine.path("bin").join(name)).unwrap();
        }
        machine
            .with("rustc", "echo rustc 1.95.0")
            .with("cargo", "")
            .with("c++", "")
            .with("cmake", "")
            .with("id", "echo 0")
            .with("uname", "echo Linux")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command itself is a link: a file just written could still be busy when it is run.
    fn with(self, command: &str, does: &str) -> Self {
        fs::write(self.path("does").join(command), does).unwrap();
        let link = self.path("bin").join(command);
        if !link.exists() {
            symlink(any_command(), link).unwrap();
        }
        self
    }

    fn without(self, command: &str) -> Self {
        fs::remove_file(self.path("bin").join(command)).unwrap();
        self
    }

    /// A package manager that writes down its call, and brings cmake.
    fn with_manager(self, name: &str) -> Self {
        let body = format!(
            "echo \"{name} $*\" >>'{}'\nln -sf '{}' '{}'",
            self.path("calls").display(),
            any_command().display(),
            self.path("bin/cmake").display(),
        );
        self.with(name, &body)
    }

    fn set_up(&self, arguments: &[&str]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/setup");
        Command::new("/bin/sh")
            .arg(script)
            .args(arguments)
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("LIBCLANG_PATH", self.folder.path())
            .output()
            .unwrap()
    }

    fn calls(&self) -> String {
        fs::read_to_string(self.path("calls")).unwrap()
    }
}

/// Does what the file of its name says.
fn any_command() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/setup/command")
}

fn which(name: &str) -> PathBuf {
    let folders = ["/usr/bin", "/bin", "/usr/local/bin"].map(Path::new);
    let mut found = folders.iter().map(|folder| folder.join(name));
    found
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("no {name} on this machine"))
}

fn words(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_complete_machine_is_left_alone_in_silence() {
    let machine = Machine::complete().with_manager("apt-get");
    let output = machine.set_up(&[]);
    assert!(output.status.success(), "{}", words(&output));
    assert_eq!(
        (words(&output).as_str(), machine.calls().as_str()),
        ("", "")
    );
}

#[test]
fn what_is_missing_is_installed_with_the_manager_that_is_there() {
    let installed = [
        (
            "apt-get",
            "apt-get update -qq\napt-get install -y -qq --no-install-recommends cmake\n",
        ),
        ("dnf", "dnf install -y cmake\n"),
        ("pacman", "pacman -S --needed --noconfirm cmake\n"),
        ("zypper", "zypper --non-interactive install cmake\n"),
        ("brew", "brew install cmake\n"),
    ];
    for (manager, calls) in installed {
        let machine = Machine::complete().without("cmake").with_manager(manager);
        let output = machine.set_up(&[]);
        assert!(output.status.success(), "{manager}: {}", words(&output));
        assert_eq!(machine.calls(), calls);
        assert!(
            words(&output).contains("missing cmake: llama.cpp is built with it"),
            "{}",
            words(&output)
        );
    }
}

#[test]
fn sudo_is_used_only_by_those_who_are_not_root() {
    let sudo = "echo sudo >>\"${0%/bin/sudo}/calls\"\nexec \"$@\"";
    let root = Machine::complete()
        .without("cmake")
        .with_manager("dnf")
        .with("sudo", sudo);
    assert!(root.set_up(&[]).status.success());
    assert_eq!(root.calls(), "dnf install -y cmake\n");

    let person = Machine::complete()
        .without("cmake")
        .with_manager("dnf")
        .with("sudo", sudo)
        .with("id", "echo 1000");
    assert!(person.set_up(&[]).status.success());
    assert_eq!(person.calls(), "sudo\ndnf install -y cmake\n");
}

#[test]
fn without_root_and_sudo_it_names_the_command() {
    let machine = Machine::complete()
        .without("cmake")
        .with_manager("pacman")
        .with("id", "echo 1000");
    let output = machine.set_up(&[]);
    assert_eq!(
        (output.status.code(), machine.calls().as_str()),
        (Some(1), "")
    );
    assert!(
        words(&output).contains("pacman -S --needed --noconfirm cmake"),
        "{}",
        words(&output)
    );
}

#[test]
fn an_unknown_system_stops_with_the_exact_names() {
    let machine = Machine::complete().without("cmake").without("c++");
    let output = machine.set_up(&[]);
    assert_eq!(output.status.code(), Some(1));
    for names in [
        "Debian g++, Fedora gcc-c++, Arch gcc",
        "cmake: Debian cmake",
    ] {
        assert!(words(&output).contains(names), "{}", words(&output));
    }
}

#[test]
fn a_manager_that_installs_nothing_is_noticed() {
    let machine = Machine::complete()
        .without("cmake")
        .with("apt-get", "exit 0");
    let output = machine.set_up(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        words(&output).contains("still not found: cmake"),
        "{}",
        words(&output)
    );
}

#[test]
fn rust_is_asked_for_and_never_installed() {
    let none = Machine::complete().without("rustc").with_manager("apt-get");
    let output = none.set_up(&[]);
    assert_eq!((output.status.code(), none.calls().as_str()), (Some(1), ""));
    assert!(
        words(&output).contains("https://sh.rustup.rs"),
        "{}",
        words(&output)
    );

    let old = Machine::complete()
        .with("rustc", "echo rustc 1.70.0")
        .set_up(&[]);
    assert!(
        words(&old).contains("rustc 1.70.0 is too old, 1.88 or newer"),
        "{}",
        words(&old)
    );
    assert_eq!(old.status.code(), Some(1));
}

#[test]
fn a_gpu_backend_is_built_only_where_its_parts_are() {
    let vulkan = |version: &str| {
        let body = format!("cat >/dev/null; echo header_version; echo {version}");
        Machine::complete().with("c++", &body).with("glslc", "")
    };
    let cases = [
        (
            Machine::complete().with("cmake", "exit 1"),
            "vulkan",
            Some("C++ headers (vulkan/vulkan.hpp); glslc"),
        ),
        (
            vulkan("239"),
            "vulkan",
            Some("1.3.280 or newer (found 1.3.239)"),
        ),
        (
            vulkan("280").with("cmake", "exit 1"),
            "vulkan",
            Some("SPIR-V headers"),
        ),
        (vulkan("280"), "vulkan", None),
        (
            Machine::complete(),
            "metal",
            Some("macOS only; this is Linux"),
        ),
        (
            Machine::complete().with("uname", "echo Darwin"),
            "metal",
            None,
        ),
        (Machine::complete().with("nvcc", ""), "cuda", None),
        (
            Machine::complete(),
            "rocm",
            Some("unknown GPU 'rocm': vulkan, cuda or metal"),
        ),
    ];
    for (machine, gpu, complaint) in cases {
        let output = machine.set_up(&[gpu]);
        assert_eq!(
            output.status.success(),
            complaint.is_none(),
            "{gpu}: {}",
            words(&output)
        );
        assert!(
            words(&output).contains(complaint.unwrap_or_default()),
            "{gpu}: {}",
            words(&output)
        );
    }
}
