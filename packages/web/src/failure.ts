/**
 * What the reader is told when something does not work: every code of a PDF refusal, of the service and of these
 * pages has a sentence in both languages.
 */
import { AdesRefusal } from '@natsuin/ades/pades'
import { PdfRefusal, type PdfRefusalCode } from '@natsuin/ades/pdf'
import { CscError, Unanswered, UnexpectedAnswer } from '@natsuin/client'
import { ApprovalWindowError } from '@natsuin/client/browser'
import { Refusal } from '@natsuin/protocol/refusal'
import type { Sentence } from '../../../faces/language.ts'

/** Why one of these pages cannot go on. */
export type PageRefusalCode =
  | 'server-unreachable'
  | 'passkey-unavailable'
  | 'passkey-not-given'
  | 'passkey-known-already'
  | 'passkey-invalid'
  | 'log-in-over'
  | 'log-in-foreign-browser'
  | 'provider-closed'
  | 'provider-away'
  | 'provider-refused'
  | 'provider-unlinked'
  | 'account-token-invalid'
  | 'account-session-over'
  | 'account-closed'
  | 'authenticator-gone'
  | 'continuation-foreign'
  | 'invitation-refused'
  | 'window-blocked'
  | 'window-closed'
  | 'no-credential'
  | 'time-stamp-unreachable'
  | 'verification-failed'
  | 'refused'

export class PageRefusal extends Refusal<PageRefusalCode> {}

export interface Failure {
  readonly code: string
  readonly sentence: Sentence
}

const PAGE: Readonly<Record<PageRefusalCode, Sentence>> = {
  'server-unreachable': {
    ja: '署名サービスに接続できません。通信を確かめて、もう一度お試しください。',
    en: 'The signing service cannot be reached. Check your connection and try again.',
  },
  'passkey-unavailable': {
    ja: 'このブラウザーではパスキーを使えません。別のブラウザーか端末でお試しください。',
    en: 'This browser cannot use passkeys here. Try another browser or device.',
  },
  'passkey-not-given': {
    ja: 'パスキーによる確認が行われませんでした。もう一度試せます。',
    en: 'The passkey was not confirmed. You can try again.',
  },
  'passkey-known-already': {
    ja: 'この端末のパスキーは既に登録されています。',
    en: 'A passkey of this device is registered already.',
  },
  'passkey-invalid': {
    ja: 'このパスキーは登録されていません。登録したパスキーでお試しください。',
    en: 'This passkey is not registered here. Use the one that you registered.',
  },
  'log-in-over': {
    ja: 'このログインは期限切れです。元のアプリに戻って、もう一度始めてください。',
    en: 'This log-in has expired. Go back to the application and start again.',
  },
  'log-in-foreign-browser': {
    ja: 'このログインは別のブラウザーで始められたものです。心当たりがなければ、閉じてください。',
    en: 'This log-in was begun in another browser. If that was not you, close this page.',
  },
  'provider-closed': {
    ja: 'この ID 提供者によるログインは停止されています。パスキーでログインしてください。',
    en: 'Logging in with this identity provider has been switched off. Use your passkey.',
  },
  'provider-away': {
    ja: 'ID 提供者に接続できません。しばらくしてから試すか、パスキーでログインしてください。',
    en: 'The identity provider does not answer. Try again later, or use your passkey.',
  },
  'provider-refused': {
    ja: 'ID 提供者でログインできませんでした。もう一度試すか、パスキーでログインしてください。',
    en: 'You were not logged in at the identity provider. Try again, or use your passkey.',
  },
  'provider-unlinked': {
    ja: 'このアカウントは、ここに登録された方のものではありません。登録時に使ったアカウントか、パスキーでログインしてください。',
    en: 'This account is nobody’s who enrolled here. Use the account with which you enrolled, or your passkey.',
  },
  'account-token-invalid': {
    ja: 'このリンクは期限切れか、既に使われています。',
    en: 'This link has expired or was used already.',
  },
  'account-session-over': {
    ja: 'ログインの有効時間が過ぎました。もう一度ログインしてください。',
    en: 'You have been logged out. Log in again.',
  },
  'account-closed': {
    ja: 'この登録は新しい登録に置き換えられています。',
    en: 'This enrolment was replaced by a new one.',
  },
  'authenticator-gone': {
    ja: 'このパスキーは、もう登録されていません。',
    en: 'This passkey is not registered any more.',
  },
  'continuation-foreign': {
    ja: '戻り先がこのサービスのものではないため、移動しませんでした。',
    en: 'The address to go to next is not this service’s, so this page did not go there.',
  },
  'invitation-refused': {
    ja: 'この名前では招待を作れませんでした。64 文字以内で入力してください。',
    en: 'No invitation could be made for this name. Use at most 64 characters.',
  },
  'window-blocked': {
    ja: 'ブラウザーがウィンドウを開かせませんでした。このページのポップアップを許可してください。',
    en: 'The browser did not let a window open. Allow pop-ups for this page.',
  },
  'window-closed': {
    ja: '途中でウィンドウが閉じられました。もう一度始められます。',
    en: 'The window was closed before it was done. You can start again.',
  },
  'no-credential': {
    ja: '使える署名鍵がありません。先にパスキーを登録してください。',
    en: 'There is no signing key to use. Register your passkeys first.',
  },
  'time-stamp-unreachable': {
    ja: 'タイムスタンプ局に接続できません。文書は署名されていません。',
    en: 'The time-stamp authority cannot be reached. The document was not signed.',
  },
  'verification-failed': {
    ja: '署名した文書を検証できませんでした。この文書は渡しません。',
    en: 'The signed document did not verify, so it is not handed out.',
  },
  refused: {
    ja: '署名サービスが受け付けませんでした。',
    en: 'The signing service did not accept this.',
  },
}

const DAMAGED: Sentence = {
  ja: 'この PDF は壊れているか、規格どおりに書かれていません。署名できません。',
  en: 'This PDF is damaged or not written as the standard demands. It cannot be signed.',
}
const FIELD: Sentence = {
  ja: 'この PDF の署名欄は使えません。',
  en: 'The signature field of this PDF cannot be used.',
}
const UNSOUND: Sentence = {
  ja: '署名を完成できませんでした。文書は元のままです。',
  en: 'The signature could not be completed. The document is as it was.',
}

const LOCKED: Sentence = {
  ja: 'この PDF の暗号化では署名できません。',
  en: 'The way in which this PDF is encrypted does not let it be signed.',
}

const LOOK: Sentence = {
  ja: '署名の見た目（ページ、位置、文字、画像）に使えないものがあります。',
  en: 'The signature cannot be shown as it was asked for: its page, place, text or image.',
}

const PDF: Readonly<Record<PdfRefusalCode, Sentence>> = {
  'not-a-pdf': { ja: 'このファイルは PDF ではありません。', en: 'This file is not a PDF.' },
  'broken-xref': DAMAGED,
  'malformed-structure': DAMAGED,
  'unsupported-compression': {
    ja: 'この PDF の圧縮方式には対応していません。',
    en: 'This PDF is compressed in a way that is not supported.',
  },
  encrypted: {
    ja: 'この PDF は暗号化されています。暗号化されていないファイルをお使いください。',
    en: 'This PDF is encrypted. Use a file that is not.',
  },
  'password-wrong': { ja: 'この PDF のパスワードが違います。', en: 'The password does not open this PDF.' },
  'encryption-unsupported': LOCKED,
  'encryption-weak': LOCKED,
  'encryption-forbids': LOCKED,
  'limit-exceeded': {
    ja: 'この PDF は、大きさか複雑さの上限を超えています。',
    en: 'This PDF exceeds a limit on size or complexity.',
  },
  'certified-against-change': {
    ja: 'この PDF には、以後の変更を禁じる署名があります。署名を加えられません。',
    en: 'An earlier signature forbids any change to this PDF, so no signature can be added.',
  },
  'certified-field-needed': {
    ja: 'この PDF は認証されています。見える署名は、初めからある署名欄にだけ加えられます。',
    en: 'This PDF is certified: a visible signature needs a signature field that was there before.',
  },
  'certification-not-first': {
    ja: 'すでに署名されている PDF は認証できません。',
    en: 'A PDF that is signed already cannot be certified.',
  },
  'field-locked': FIELD,
  'field-already-signed': FIELD,
  'field-not-a-signature': FIELD,
  'field-constrained': FIELD,
  'field-name-invalid': FIELD,
  'page-missing': LOOK,
  'rectangle-invalid': LOOK,
  'font-unsupported': LOOK,
  'font-not-embeddable': LOOK,
  'glyph-missing': LOOK,
  'image-unsupported': LOOK,
  'appearance-too-small': LOOK,
  'signature-space-exceeded': UNSOUND,
  'time-stamp-missing': UNSOUND,
  'no-prepared-signature': DAMAGED,
  'signed-attributes-malformed': UNSOUND,
}

const BUSY: Sentence = {
  ja: '署名サービスが混み合っています。しばらくしてから、もう一度お試しください。',
  en: 'The signing service is busy. Try again in a while.',
}

/** RFC 6749, 4.1.2.1 and 5.2; CSC API v2.0.0.2, 10.1. Others are told as they come. */
const SERVICE: Readonly<Record<string, Sentence>> = {
  access_denied: {
    ja: '承認されませんでした。文書は署名されていません。',
    en: 'Not approved. The document was not signed.',
  },
  invalid_grant: {
    ja: '承認の期限が切れました。もう一度始めてください。',
    en: 'The approval has expired. Start again.',
  },
  temporarily_unavailable: BUSY,
  rate_limited: BUSY,
  invalid_token: {
    ja: 'ログインの期限が切れました。もう一度始めてください。',
    en: 'The log-in has expired. Start again.',
  },
}

const FAULT: Sentence = { ja: '不具合が起きました。', en: 'Something went wrong.' }

/** Anything thrown, as what to say about it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PageRefusal) return { code: error.code, sentence: PAGE[error.code] }
  if (error instanceof ApprovalWindowError) return { code: error.code, sentence: PAGE[error.code] }
  if (error instanceof PdfRefusal) return { code: error.code, sentence: PDF[error.code] }
  // To level B-T a signature ends for one of two reasons, a value or a time-stamp that is none; both leave no document.
  if (error instanceof AdesRefusal) return { code: error.code, sentence: UNSOUND }
  if (error instanceof CscError) return { code: error.code, sentence: SERVICE[error.code] ?? PAGE.refused }
  if (error instanceof UnexpectedAnswer) return { code: error.code, sentence: PAGE.refused }
  if (error instanceof Unanswered) return { code: error.code, sentence: PAGE['server-unreachable'] }
  return { code: 'fault', sentence: FAULT }
}
