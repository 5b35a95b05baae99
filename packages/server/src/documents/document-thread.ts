/** The thread of `document-threads.ts`: documents of strangers are read here, where nothing else is, and which can be ended. */
import { answerQuestions } from '@natsuin/protocol/node'
import type { Clock } from '../clock.ts'
import { cades } from './formats/cades.ts'
import type { DocumentFormat } from './formats/format.ts'
import { jades } from './formats/jades.ts'
import { pades } from './formats/pades.ts'
import { xades } from './formats/xades.ts'
import type { SignatureFormat } from './offer.ts'
import { inOurWords } from './refusal.ts'
import type { DocumentAnswer, DocumentQuestion } from './task.ts'
import { validationInfoOf } from './validation-info.ts'

const FORMATS: Readonly<Record<SignatureFormat, DocumentFormat>> = { C: cades, X: xades, P: pades, J: jades }

/** A thread starts on its own: here it asks the system for the time. */
const clock: Clock = () => new Date()

answerQuestions(async (question: DocumentQuestion): Promise<DocumentAnswer> => {
  try {
    return await work(question)
  } catch (error) {
    throw inOurWords(error)
  }
})

async function work(question: DocumentQuestion): Promise<DocumentAnswer> {
  const { task } = question
  const format = FORMATS[task.format]
  if (question.step === 'prepare') return format.prepare(task)
  const { prepared, made } = question
  await format.complete(task, { prepared, made, clock })
  return task.withValidationInfo ? validationInfoOf(task, clock) : undefined
}
