/** The sentences of the pages on which registration officers vouch for people, in both languages. */
import type { Sentence } from '../../../../../faces/language.ts'

const levels: readonly Sentence[] = [
  { ja: '0（確認していない）', en: '0 (nobody looked)' },
  { ja: '1（低）', en: '1 (low)' },
  { ja: '2（中）', en: '2 (substantial)' },
  { ja: '3（高）', en: '3 (high)' },
]

export const officerMessages = {
  title: { ja: '署名者を招待する', en: 'Invite somebody to sign' },
  lead: {
    ja: '本人確認をした人に、署名鍵をつくるための招待を出します。',
    en: 'Somebody whose identity you have proofed is invited to have a signing key.',
  },
  reviewTitle: { ja: 'この人を保証しますか', en: 'Do you vouch for this person?' },
  reviewLead: {
    ja: '下の内容のとおりに本人確認をしたことを、あなたのパスキーで保証します。証明書には、この名前が載ります。',
    en: 'With your passkey you vouch that you proofed this person as below. Certificates will carry this name.',
  },
  foot: {
    ja: 'このページは本人を保証するためだけのものです。会って、または定められた方法で確かめた人だけを招待してください。',
    en: 'This page exists for vouching alone. Invite only people whom you have proofed in the way that is laid down.',
  },
  officer: { ja: '登録担当者', en: 'Registration officer' },
  personHeading: { ja: '本人', en: 'The person' },
  proofingHeading: { ja: '本人確認', en: 'How the person was proofed' },
  invitationHeading: { ja: '招待', en: 'The invitation' },
  commonName: { ja: '氏名', en: 'Full name' },
  givenName: { ja: '名', en: 'Given name' },
  surname: { ja: '姓', en: 'Surname' },
  serialNumber: { ja: '識別番号', en: 'Serial number' },
  organizationName: { ja: '組織', en: 'Organisation' },
  countryName: { ja: '国（JP のような二文字）', en: 'Country (two letters)' },
  classId: { ja: '鍵の種類', en: 'Class of credential' },
  method: { ja: '確認の方法', en: 'Method' },
  proofingLevel: { ja: '確認のレベル', en: 'Level' },
  levels,
  completedOn: { ja: '確認した日', en: 'Done on' },
  evidenceDigest: { ja: '記録のファイル', en: 'File with the evidence' },
  evidenceNote: {
    ja: 'ファイルはこの端末から出ません。ハッシュ値だけを記録します。',
    en: 'The file does not leave this device; only its digest is recorded.',
  },
  replaces: { ja: '以前の署名者 ID（再登録のときだけ）', en: 'Earlier signer id (for recovery only)' },
  replacesNote: {
    ja: '以前の署名者は、この招待が受理されると閉じられます。',
    en: 'That signer is closed as soon as this invitation is accepted.',
  },
  hours: { ja: '有効時間（時間）', en: 'Good for, in hours' },
  review: { ja: '内容を確かめる', en: 'Review' },
  back: { ja: '直す', en: 'Change it' },
  wrong: { ja: 'この欄を確かめてください。', en: 'Please check this field.' },
  vouch: { ja: 'パスキーで保証する', en: 'Vouch with your passkey' },
  until: { ja: '招待の期限', en: 'Invitation good until' },

  secondTitle: { ja: 'もう一人の担当者が必要です', en: 'Another officer has to vouch as well' },
  secondLead: {
    ja: '下のリンクをもう一人の登録担当者に渡してください。受け取った文字列をここに貼ると、招待ができます。',
    en: 'Hand this link to another registration officer. Paste the code that you get back, and the invitation is made.',
  },
  secondLink: { ja: 'もう一人の担当者へのリンク', en: 'Link for the other officer' },
  secondCode: { ja: '受け取った文字列', en: 'The code that you got back' },
  secondWrong: { ja: 'この文字列は使えません。', en: 'This code cannot be used.' },
  finish: { ja: '招待をつくる', en: 'Make the invitation' },
  first: { ja: '先に保証した担当者', en: 'Vouched for already by' },
  yourId: { ja: 'あなたの識別子', en: 'Your identifier' },
  same: {
    ja: '先に保証した担当者とは別の人でなければなりません。',
    en: 'It has to be somebody else than the officer who vouched already.',
  },
  vouchedHeading: { ja: '保証しました', en: 'You have vouched' },

  invitedTitle: { ja: '招待ができました', en: 'The invitation is made' },
  invitedLead: {
    ja: 'このリンクを本人だけに渡してください。最初に開いた人が鍵を持つことになります。',
    en: 'Hand this link to the person alone: whoever opens it first gets the key.',
  },
  invitedLink: { ja: '本人へのリンク', en: 'Link for the person' },
  invitedNote: {
    ja: 'このページを閉じると、リンクは二度と表示できません。',
    en: 'Once this page is closed, the link cannot be shown again.',
  },
} as const satisfies Readonly<Record<string, Sentence | readonly Sentence[]>>
