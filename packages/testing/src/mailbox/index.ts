export { type Mail, type Mailbox, openMailbox } from './mailbox.ts'
