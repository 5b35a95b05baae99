/** The sentences of the pages on which people of the roster act, in both languages. */

import type { ActKind, ChangeKind } from '@natsuin/protocol/administration'
import type { ApprovalKind, ItemBasis } from '@natsuin/protocol/approval'
import type { KeyOrigin, Role } from '@natsuin/protocol/genesis'
import type { Sentence } from '../../../../../faces/language.ts'

type Blank<T> = Sentence<(value: T) => string>

const progress: Blank<Readonly<Record<'approvals' | 'needed', number>>> = {
  ja: ({ approvals, needed }) => `${needed} 人のうち ${approvals} 人が承認しました。`,
  en: ({ approvals, needed }) => `${approvals} of ${needed} people have approved it.`,
}

export const administrationMessages = {
  title: { ja: 'この変更を承認しますか', en: 'Do you approve this change?' },
  lead: {
    ja: '下の変更だけを承認します。必要な人数がそろうと、すぐに有効になります。',
    en: 'You approve exactly the changes below. They take effect as soon as enough people have approved them.',
  },
  foot: {
    ja: 'このページは承認のためだけのものです。内容に心当たりがない場合は承認せず、他の管理者に知らせてください。',
    en: 'This page exists for approvals alone. If you did not expect this, do not approve it; tell the other officers.',
  },
  who: { ja: 'あなた', en: 'You' },
  service: { ja: 'サービス', en: 'Service' },
  reason: { ja: '申請の理由', en: 'Reason given' },
  basis: { ja: '変更前の名簿', en: 'Changes version' },
  until: { ja: '申請の期限', en: 'Can be approved until' },
  ticketLeft: { ja: 'この画面の残り時間', en: 'Time left on this page' },
  changes: { ja: '変更の内容', en: 'What changes' },
  before: { ja: '変更前', en: 'Before' },
  after: { ja: '変更後', en: 'After' },
  nothing: { ja: 'なし', en: 'none' },
  technical: { ja: '技術的な内容', en: 'Technical details' },
  requestDigest: { ja: '申請のハッシュ値', en: 'Digest of the request' },
  approve: { ja: 'パスキーで承認する', en: 'Approve with your passkey' },
  approveNote: {
    ja: '指紋・顔・PIN などで本人を確認します。承認しない場合は、このページを閉じてください。',
    en: 'Your device checks that it is you. Close this page if you do not approve.',
  },
  approvedHeading: { ja: '承認しました', en: 'You have approved it' },
  progress,
  done: { ja: '変更は有効になりました。', en: 'The change is in force.' },
  close: { ja: 'このウィンドウを閉じてかまいません。', en: 'You can close this window.' },
  codeHeading: { ja: 'この文字列を渡してください', en: 'Hand this code over' },
  codeNote: {
    ja: '申請した人に渡してください。秘密ではありません。',
    en: 'Give it to the person who proposed the change. It is not secret.',
  },
  copy: { ja: 'コピー', en: 'Copy' },
  copied: { ja: 'コピーしました', en: 'Copied' },

  registerTitle: { ja: '名簿に載せるパスキーを登録します', en: 'Register a passkey for the roster' },
  registerLead: {
    ja: 'このパスキーで、サービスの管理についての承認をします。署名には使えません。',
    en: 'With this passkey you approve what concerns the administration of the service. It never signs documents.',
  },
  registerName: { ja: 'お名前', en: 'Your name' },
  registerId: { ja: '識別子', en: 'Identifier' },
  register: { ja: 'パスキーを作る', en: 'Create the passkey' },
  registeredHeading: { ja: 'パスキーができました', en: 'The passkey is made' },
  fingerprint: { ja: 'パスキーの指紋', en: 'Fingerprint of the passkey' },
  fingerprintNote: {
    ja: '承認する人の画面にも同じ指紋が出ます。同じかどうか、声で確かめてもらってください。',
    en: 'Those who approve see the same fingerprint. Have them compare it with you, by voice.',
  },
} as const satisfies Readonly<Record<string, Sentence<unknown>>>

export const changeTitles: Readonly<Record<ChangeKind, Sentence>> = {
  'person-add': { ja: '人を加える', en: 'Somebody is added' },
  'person-remove': { ja: '人を除く', en: 'Somebody is removed' },
  'person-roles': { ja: '役割を変える', en: 'Somebody gets other roles' },
  'passkey-add': { ja: 'パスキーを加える', en: 'Somebody gets one more passkey' },
  'passkey-remove': { ja: 'パスキーを除く', en: 'Somebody loses a passkey' },
  'quorum-set': { ja: '必要な承認の人数を変える', en: 'Another number of people has to agree' },
  'class-set': { ja: '鍵の種類を定める', en: 'A class of credentials is set' },
  'class-remove': { ja: '鍵の種類を除く', en: 'A class of credentials is removed' },
  'client-set': { ja: 'アプリを定める', en: 'An application is set' },
  'client-remove': { ja: 'アプリを除く', en: 'An application is removed' },
  'provider-set': { ja: '外部の認証サービスを定める', en: 'An identity provider is set' },
  'provider-remove': { ja: '外部の認証サービスを除く', en: 'An identity provider is removed' },
  'trust-anchor-add': { ja: '信頼する認証局を加える', en: 'A trusted root is added' },
  'trust-anchor-remove': { ja: '信頼する認証局を除く', en: 'A trusted root is removed' },
  'issuer-set': { ja: '署名サーバーの宛先を変える', en: 'Applications address another server' },
  'level-set': { ja: '最高の保証レベルを変える', en: 'The highest level is set' },
  'limits-set': { ja: '期限を変える', en: 'Time limits are set' },
}

/** Those that change something else than the roster. */
export const actTitles: Readonly<Record<Exclude<ActKind, 'amend'>, Sentence>> = {
  'rotate-master-key': {
    ja: '署名者の鍵を包む主鍵を取り替える',
    en: 'The master key, which wraps the signers’ keys, is replaced',
  },
  'resume-after-restore': {
    ja: '鍵をバックアップから戻したあと、署名を再開する',
    en: 'Signing is resumed after keys were restored from a backup',
  },
  'request-certificates': {
    ja: '外部の認証局に出す証明書要求に、署名者の鍵で署名する',
    en: 'A signer’s key signs a request for a certificate, for an authority outside',
  },
}

export const actFields = {
  masterKey: { ja: '主鍵', en: 'Master key' },
  newMasterKey: { ja: '新しくつくる鍵', en: 'a new one, made now' },
  signersKeys: { ja: '署名者の鍵', en: 'Keys of signers' },
  keysStay: {
    ja: '変わらない（新しい主鍵で包み直す）',
    en: 'stay as they are, and are wrapped by the new one',
  },
  destroyedKeys: { ja: '破棄した鍵の写し', en: 'Copies of destroyed keys' },
  restoredAt: { ja: '鍵を戻した日時', en: 'Keys restored' },
  newestRecord: { ja: '残っている最後の記録', en: 'Newest record that is there' },
  records: { ja: '記録の数', en: 'Records' },
  lost: { ja: 'それより後の失効・削除', en: 'What was revoked or removed after that' },
  askAgain: { ja: '失われた。もう一度行う', en: 'is lost, and has to be done again' },
  custodians: { ja: '写しを預かる人', en: 'Copies go to' },
  threshold: { ja: '戻すのに必要な人数', en: 'Needed to restore it' },
  credential: { ja: '署名者の鍵の識別子', en: 'Credential' },
  key: { ja: '公開鍵の指紋', en: 'Fingerprint of the public key' },
  keysEnd: { ja: '元の主鍵とともに失われる', en: 'are lost with the old one, for good' },
} as const satisfies Readonly<Record<string, Sentence>>

export const changeFields = {
  id: { ja: '識別子', en: 'Identifier' },
  name: { ja: '名前', en: 'Name' },
  roles: { ja: '役割', en: 'Roles' },
  passkey: { ja: 'パスキーの指紋', en: 'Fingerprint of the passkey' },
  removedPasskey: { ja: '除くパスキー', en: 'Passkey that goes' },
  quorum: { ja: '必要な人数', en: 'People who have to agree' },
  level: { ja: '保証レベル', en: 'Level' },
  keyType: { ja: '鍵の方式', en: 'Kind of key' },
  maxSignatures: { ja: '一度に承認できる数', en: 'Signatures in one approval' },
  ticketSeconds: { ja: '承認画面の有効期間（秒）', en: 'Time to approve, in seconds' },
  sadSeconds: { ja: '承認の有効期間（秒）', en: 'Time to sign, in seconds' },
  approvals: { ja: '承認の方法', en: 'Ways to approve' },
  bases: { ja: '承認できる文書', en: 'What may be approved' },
  keys: { ja: '鍵の由来', en: 'Keys' },
  proofingLevel: { ja: '本人確認のレベル', en: 'Identity proofing at least' },
  proofingAge: { ja: '本人確認の有効日数', en: 'Proofing no older than, in days' },
  authenticators: { ja: '認証器の機種', en: 'Makes of authenticators' },
  clientKeys: { ja: 'アプリの鍵', en: 'Keys of the application' },
  origins: { ja: '文書を渡せるページ', en: 'Pages that may hand documents over' },
  provider: { ja: '外部の認証サービス', en: 'Identity provider' },
  providerIssuer: { ja: '認証サービスの名乗り', en: 'Issuer' },
  authorizationEndpoint: { ja: 'ログインの宛先', en: 'Where people log in' },
  tokenEndpoint: { ja: '確認の宛先', en: 'Where codes are redeemed' },
  clientId: { ja: '承認用の識別子', en: 'Identifier of the approval client' },
  providerKeys: { ja: '認証サービスの鍵', en: 'Keys of the provider' },
  assurances: { ja: '求めるログインの強さ', en: 'What a log-in has to be' },
  root: { ja: '認証局', en: 'Root' },
  digest: { ja: '証明書のハッシュ値', en: 'Digest of the certificate' },
  issuer: { ja: '宛先', en: 'Address' },
  requestHours: { ja: '申請の期限（時間）', en: 'Requests wait for, in hours' },
  grantHours: { ja: '招待の期限（時間）', en: 'Invitations last for, in hours' },
} as const satisfies Readonly<Record<string, Sentence>>

export const roleNames: Readonly<Record<Role, Sentence>> = {
  'security-officer': { ja: 'セキュリティ責任者', en: 'security officer' },
  'system-administrator': { ja: 'システム管理者', en: 'system administrator' },
  'system-operator': { ja: 'システム運用者', en: 'system operator' },
  'system-auditor': { ja: 'システム監査者', en: 'system auditor' },
  'registration-officer': { ja: '登録担当者', en: 'registration officer' },
}

export const approvalNames: Readonly<Record<ApprovalKind, Sentence>> = {
  passkey: { ja: 'パスキー', en: 'passkey' },
  provider: { ja: '外部の認証', en: 'identity provider' },
  'provider-and-passkey': { ja: '外部の認証とパスキー', en: 'identity provider and passkey' },
  'pin-totp': { ja: 'PIN とワンタイムコード', en: 'PIN and one-time code' },
  'pin-sent-code': { ja: 'PIN と送られるコード', en: 'PIN and a code that is sent' },
  'seal-key': { ja: '電子シールの鍵（無人）', en: 'key of an unattended seal' },
}

export const basisNames: Readonly<Record<ItemBasis, Sentence>> = {
  seen: { ja: '見た文書', en: 'seen documents' },
  vouched: { ja: 'アプリが保証する文書', en: 'documents that the application vouches for' },
  unseen: { ja: '見ていない文書', en: 'documents that nobody saw' },
}

export const keyNames: Readonly<Record<KeyOrigin, Sentence>> = {
  lasting: { ja: '作って残す', en: 'made here, and kept' },
  'one-time': { ja: '一度だけ使う', en: 'made for one signing' },
  imported: { ja: '外から取り込む', en: 'brought from elsewhere' },
}
