export { KEY_FILE_LIMITS } from './budget.ts'
export { type KeyFileReason, KeyFileRefusal } from './key-file-refusal.ts'
