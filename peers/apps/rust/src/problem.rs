//! Why a program, or one of its tasks, did not go on.

use dapr_durabletask::api::{DurableTaskError, FailureDetails};

#[derive(Clone, Debug)]
pub enum Problem {
    /// An input that is not a program, a name that is not defined, or an operation without an API. No `try` catches it.
    Program(String),
    Thrown(String),
    Timeout(String),
    Failed(FailureDetails),
    /// Whatever else the SDK says; no `try` catches it.
    Sdk(String),
}

impl Problem {
    pub fn bad_program(what: impl std::fmt::Display) -> Self {
        Self::Program(format!("BadProgram: {what}"))
    }

    pub fn unsupported(what: impl std::fmt::Display) -> Self {
        Self::Program(format!("Unsupported: {what}"))
    }

    /// The type and the message that `try` stores, if it catches this.
    pub fn caught(&self) -> Option<(&str, &str)> {
        match self {
            Self::Failed(details) => Some((&details.error_type, &details.message)),
            Self::Timeout(message) => Some(("Timeout", message)),
            Self::Thrown(message) => Some(("Thrown", message)),
            Self::Program(_) | Self::Sdk(_) => None,
        }
    }
}

impl From<DurableTaskError> for Problem {
    fn from(error: DurableTaskError) -> Self {
        match error {
            DurableTaskError::TaskFailed {
                failure_details: Some(details),
                ..
            } => Self::Failed(details),
            other => Self::Sdk(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::Sdk(error.to_string())
    }
}

impl From<Problem> for DurableTaskError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Failed(details) => Self::TaskFailed {
                message: details.message.clone(),
                failure_details: Some(details),
            },
            Problem::Program(message)
            | Problem::Thrown(message)
            | Problem::Timeout(message)
            | Problem::Sdk(message) => Self::Other(message),
        }
    }
}
