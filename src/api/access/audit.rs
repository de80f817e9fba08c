//! The methods of the audit log.

use sweetspot_core::Digest;
use sweetspot_proto::v1;
use sweetspot_proto::v1::audit_record::Event;
use sweetspot_store::audit_log::{AuditEvent, AuditLog, AuditRecord, AuditedCaller, CallOutcome, VerifiedLog};
use tonic::Status;

use super::AccessApi;
use crate::api::pagination::PageRequest;
use crate::api::violations::Violations;
use crate::messages::entries::wire_timestamp;

impl AccessApi {
    fn audit_log(&self, denials: bool) -> AuditLog {
        if denials { self.state.denials.clone() } else { self.state.audit.clone() }
    }

    /// Lists audit records, newest first.
    pub(super) async fn list_audit_records(
        &self,
        request: v1::ListAuditRecordsRequest,
    ) -> Result<v1::ListAuditRecordsResponse, Status> {
        let v1::ListAuditRecordsRequest { page_size, page_token, denials } = request;
        let mut problems = Violations::default();
        let list = if denials { "denials" } else { "changes" };
        let page = PageRequest::parse("ListAuditRecords", list, page_size, &page_token, &mut problems);
        let page = problems.finish(page)?;
        let before = page.after.as_ref().and_then(|number| number.parse().ok());
        let (log, limit) = (self.audit_log(denials), page.size + 1);
        let records = self.pool.run_store(move || log.list(before, limit)).await?;
        let entries = records.into_iter().map(|record| (record.number.to_string(), wire_record(record)));
        let (records, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok(v1::ListAuditRecordsResponse { records, next_page_token })
    }

    /// Checks the audit log.
    pub(super) async fn verify_audit_log(
        &self,
        request: v1::VerifyAuditLogRequest,
    ) -> Result<v1::VerifyAuditLogResponse, Status> {
        let v1::VerifyAuditLogRequest { noted, noted_hash, denials } = request;
        let mut problems = Violations::default();
        let noted = match (noted, noted_hash.parse::<Digest>()) {
            (0, _) => None,
            (number, Ok(hash)) => Some((number, hash)),
            (_, Err(error)) => {
                problems.add("INVALID_HASH", "noted_hash", error.to_string());
                None
            }
        };
        problems.finish(Some(()))?;
        let log = self.audit_log(denials);
        let VerifiedLog { first, last, hash } = self.pool.run_store(move || log.verify(noted)).await?;
        Ok(v1::VerifyAuditLogResponse { first, last, hash: hash.to_string() })
    }
}

fn wire_record(record: AuditRecord) -> v1::AuditRecord {
    let AuditRecord { number, time, caller: AuditedCaller { principal, credential, address }, event, previous } =
        record;
    let event = match event {
        AuditEvent::Started { method, resource, request_id } => {
            Event::Started(v1::AuditedCallStart { method, resource, request_id })
        }
        AuditEvent::Ended(CallOutcome { started, code, reason }) => {
            Event::Ended(v1::AuditedCallEnd { started, code, reason })
        }
        AuditEvent::Denied { method, reason, request_id, omitted } => {
            Event::Denied(v1::AuditedDenial { method, reason, request_id, omitted })
        }
    };
    v1::AuditRecord {
        number,
        time: Some(wire_timestamp(time)),
        principal,
        credential,
        event: Some(event),
        previous_hash: previous.to_string(),
        address: address.map(|address| address.to_string()).unwrap_or_default(),
    }
}
