/** How a code reaches the signer whom it is for: by mail, or by a program of the operator's. */
import { runCommand } from './command.ts'
import { sendMail } from './mail.ts'
import type { DeliverCode } from './message.ts'
import type { Delivery } from './setting.ts'

/** Undefined when nobody carries codes. @param name of the service */
export function codeDelivery(delivery: Delivery, name: string): DeliverCode | undefined {
  if ('mail' in delivery) return sendMail(delivery.mail, name)
  return 'command' in delivery ? runCommand(delivery.command) : undefined
}
