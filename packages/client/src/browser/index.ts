export {
  type ApprovalWindow,
  ApprovalWindowError,
  type ApproveOptions,
  type HandedDocument,
  type HandOverProgress,
  openApproval,
  openApprovalWindow,
  reportCallback,
  type WindowMessage,
} from './approval-window.ts'
