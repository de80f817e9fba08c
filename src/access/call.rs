//! The call that is being handled: its caller, and its record in the audit log.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sweetspot_core::Id;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_store::audit_log::{self, AuditError, AuditEvent, AuditLog, CallOutcome};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::Caller;

/// The reason of a call whose caller did not wait for its end.
const CALLER_GONE: &str = "CALLER_GONE";

tokio::task_local! {
    static CURRENT: Call;
}

/// A call that is being handled. Clones are the same call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    caller: Caller,
    peer_address: Option<IpAddr>,
    /// The first resource that the request names; `None` if nothing needs it.
    resource: Option<Arc<OnceLock<String>>>,
    /// `None` if the call is not recorded.
    audited: Option<Arc<AuditedCall>>,
}

/// A call that is recorded in the audit log.
#[derive(Debug)]
struct AuditedCall {
    log: AuditLog,
    caller: audit_log::AuditedCaller,
    method: String,
    request_id: String,
    /// The number of the record at the beginning, once it exists.
    started: Mutex<Option<u64>>,
    /// How the last operation on the store ended: the reason of its error, or an empty text.
    last_result: Mutex<Option<String>>,
    has_ended: AtomicBool,
}

impl Drop for AuditedCall {
    /// Records the end of a call whose caller no longer waits for it, once its last operation has ended: an operation on
    /// the store that has begun is completed.
    fn drop(&mut self) {
        let result = self.last_result.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let (code, reason) = match &result {
            None => ("CANCELLED", CALLER_GONE),
            Some(reason) if reason.is_empty() => ("OK", CALLER_GONE),
            Some(reason) => ("FAILED", reason.as_str()),
        };
        if let (Ok(runtime), Some(append)) = (Handle::try_current(), self.end(code, reason)) {
            runtime.spawn_blocking(append);
        }
    }
}

impl AuditedCall {
    /// Returns what records the end of the call, unless its beginning is not recorded, or its end is already.
    fn end(&self, code: &'static str, reason: &str) -> Option<impl FnOnce() + Send + 'static> {
        let started = (*self.started.lock().unwrap_or_else(PoisonError::into_inner))?;
        if self.has_ended.swap(true, Ordering::Relaxed) {
            return None;
        }
        let outcome = CallOutcome { started, code: code.to_owned(), reason: reason.to_owned() };
        let (log, caller) = (self.log.clone(), self.caller.clone());
        Some(move || append_end(&log, &caller, outcome))
    }
}

fn append_end(log: &AuditLog, caller: &audit_log::AuditedCaller, outcome: CallOutcome) {
    let started = outcome.started;
    if let Err(error) = log.append(caller, AuditEvent::Ended(outcome)) {
        tracing::error!(reason = error.reason(), started, "the end of a call is not in the audit log");
    }
}

/// The name of a person in a request is not the one of the credential.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the credential is that of {principal}: leave the name empty, or give that one")]
pub(crate) struct PersonMismatch {
    principal: String,
}

impl Call {
    /// A call that is not in the audit log. `notes_resource`: whether to note which resource the request names.
    pub(crate) fn new(caller: Caller, peer_address: Option<IpAddr>, notes_resource: bool) -> Self {
        Self { caller, peer_address, resource: notes_resource.then(Arc::default), audited: None }
    }

    /// The same call, recorded in this log before it changes anything.
    pub(crate) fn audited(self, log: AuditLog, method: &str, request_id: &str) -> Self {
        let (method, request_id) = (method.to_owned(), request_id.to_owned());
        let (caller, started, last_result) = (self.audited_caller(), Mutex::default(), Mutex::default());
        let has_ended = AtomicBool::new(false);
        let audited = AuditedCall { log, caller, method, request_id, started, last_result, has_ended };
        Self { audited: Some(Arc::new(audited)), ..self }
    }

    /// The call that is being handled here.
    pub(crate) fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_else(|_| Self::new(caller_outside(), None, false))
    }

    /// Handles a part of the call: within `work`, it is the current one.
    pub(crate) fn continue_with<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    /// Whether the call is recorded in the audit log.
    pub(crate) const fn is_audited(&self) -> bool {
        self.audited.is_some()
    }

    /// The only workspace that the caller of the current call may name; `None` for all.
    pub(crate) fn own_workspace() -> Option<Id> {
        CURRENT.try_with(|call| call.caller.workspace().cloned()).ok().flatten()
    }

    /// The resource that the request names first; `None` if it is not noted.
    pub(crate) fn resource(&self) -> Option<&str> {
        self.resource.as_ref()?.get().map(String::as_str)
    }

    /// The address that the call came from; `None` within this process.
    pub(crate) const fn peer_address(&self) -> Option<IpAddr> {
        self.peer_address
    }

    /// The caller as the audit logs name it.
    pub(crate) fn audited_caller(&self) -> audit_log::AuditedCaller {
        self.caller.for_audit(self.peer_address)
    }

    /// Who calls.
    pub(crate) const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Returns the name of the person who makes a change: the principal of the credential, or else the given one.
    ///
    /// # Errors
    /// [`PersonMismatch`] if the request gives another name than the credential.
    pub(crate) fn person(&self, given: String) -> Result<String, PersonMismatch> {
        match self.caller.principal() {
            None => Ok(given),
            Some(principal) if given.is_empty() || given == principal => Ok(principal.to_owned()),
            Some(principal) => Err(PersonMismatch { principal: principal.to_owned() }),
        }
    }

    /// Whether the caller may name resources of this workspace. Notes the resource for the log and the audit log.
    pub(crate) fn may_name(resource: &dyn std::fmt::Display, workspace: &Id) -> bool {
        CURRENT
            .try_with(|call| {
                if let Some(noted) = &call.resource {
                    noted.get_or_init(|| resource.to_string());
                }
                call.caller.may_name(workspace)
            })
            .unwrap_or_else(|_| caller_outside() == Caller::Unrestricted)
    }

    /// Notes what a call is about, if it is no resource with a name.
    pub(crate) fn note_subject(subject: impl FnOnce() -> String) {
        // Outside of a call there is no audit log.
        let _outside = CURRENT.try_with(|call| {
            call.resource.as_ref().map(|noted| noted.get_or_init(subject).len());
        });
    }

    /// Records the beginning of the call, unless it is recorded already. Call it before anything is changed.
    ///
    /// # Errors
    /// If it cannot be recorded: then the call must not go on.
    pub(crate) fn record_start(&self) -> Result<(), AuditError> {
        let Some(audited) = &self.audited else { return Ok(()) };
        let mut started = audited.started.lock().unwrap_or_else(PoisonError::into_inner);
        if started.is_none() {
            let event = AuditEvent::Started {
                method: audited.method.clone(),
                resource: self.resource().unwrap_or_default().to_owned(),
                request_id: audited.request_id.clone(),
            };
            *started = Some(audited.log.append(&audited.caller, event)?);
        }
        Ok(())
    }

    /// Notes how an operation on the store ended: with the reason of an error, or with an empty one.
    pub(crate) fn note_result(&self, reason: &str) {
        if let Some(audited) = &self.audited {
            *audited.last_result.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
        }
    }

    /// Records how the call ended, if its beginning is recorded. A failure is only logged, because the call was made. If
    /// the caller no longer waits, the record is made when the last operation has ended.
    pub(crate) async fn record_end(&self, code: &'static str, reason: &str) {
        let audited = self.audited.as_ref().filter(|_| !["CANCELLED", "DEADLINE_EXCEEDED"].contains(&code));
        if let Some(append) = audited.and_then(|audited| audited.end(code, reason)) {
            // A panic is reported by the task itself.
            let _ended = spawn_blocking(append).await;
        }
    }

    /// Records how a call whose response is a stream ended, if its beginning is recorded. Returns at once.
    pub(crate) fn record_end_of_stream(&self, code: &'static str, reason: &str) {
        let reason = if code == "CANCELLED" { CALLER_GONE } else { reason };
        let append = self.audited.as_ref().and_then(|audited| audited.end(code, reason));
        if let (Ok(runtime), Some(append)) = (Handle::try_current(), append) {
            runtime.spawn_blocking(append);
        }
    }
}

/// The caller outside of any call. Only tests of single functions are outside of a call: everything else fails closed.
const fn caller_outside() -> Caller {
    if cfg!(any(test, fuzzing)) { Caller::Unrestricted } else { Caller::Anonymous }
}
