export { AUDIT_ERRORS, AuditError, type AuditErrorCode } from './audit-error.js';
export { AUDIT_FAULTS, type AuditFault, type AuditFaultKind } from './audit-fault.js';
export { type AuditLog, type AuditLogOptions, openAuditLog } from './audit-log.js';
export { type AuditHead, AuditHeadSchema, type AuditStore } from './audit-store.js';
export { genesisDigest } from './chain.js';
export { type FileAuditStoreOptions, fileAuditStore } from './file-audit-store.js';
export { renderAuditReport } from './render-audit-report.js';
export { type AuditReport, type VerifyOptions, verifyAudit, type WriterReport } from './verify-audit.js';
