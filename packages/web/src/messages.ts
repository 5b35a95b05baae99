/** Every sentence of these pages, in both languages; those about failures are in `failure.ts`. */
import type { Sentence } from '../../../faces/language.ts'
import type { StepName } from './desk/step.ts'

type Blank<T> = Sentence<(value: T) => string>

const logInAsks: Blank<string> = {
  ja: client => `「${client}」が、あなたの署名サービスの利用を求めています。`,
  en: client => `“${client}” asks to use your signing service.`,
}

const creationAsks: Blank<string> = {
  ja: client => `「${client}」が、登録したばかりのあなたの署名鍵を使えるようにすることを求めています。`,
  en: client => `“${client}” asks to be given the signing key that you have just enrolled for.`,
}

const deletionAsks: Blank<string> = {
  ja: client => `「${client}」が、あなたの署名鍵を消去することを求めています。`,
  en: client => `“${client}” asks to destroy your signing key.`,
}

const logInWith: Blank<string> = {
  ja: provider => `${provider} でログイン`,
  en: provider => `Log in with ${provider}`,
}

const handSigned: Blank<string> = {
  ja: name => `${name} に署名しました`,
  en: name => `${name} is signed`,
}

const evidenceHolds: Blank<string> = {
  ja: name => `${name} さんのパスキーがこの署名を承認したことを証明`,
  en: name => `proves that the passkey of ${name} approved this signature`,
}

const registeredOn: Blank<string> = {
  ja: when => `登録：${when}`,
  en: when => `registered ${when}`,
}

const madeOn: Blank<string> = {
  ja: when => `作成：${when}`,
  en: when => `made ${when}`,
}

const waitingFor: Blank<{ readonly first: string; readonly more: number }> = {
  ja: ({ first, more }) => (more === 0 ? first : `${first} ほか ${more} 件`),
  en: ({ first, more }) => (more === 0 ? first : `${first} and ${more} more`),
}

const waitingUntil: Blank<string> = {
  ja: when => `${when} まで`,
  en: when => `until ${when}`,
}

const noticeKinds: Sentence<Readonly<Record<string, string>>> = {
  ja: {
    'authenticator-added': 'パスキーが追加されました',
    'authenticator-removed': 'パスキーが削除されました',
    'application-password-made': 'プログラム用のパスワードが作られました',
  },
  en: {
    'authenticator-added': 'a passkey was added',
    'authenticator-removed': 'a passkey was removed',
    'application-password-made': 'a password for a program was made',
  },
}

/** By the name that a judge has in the result; others are shown by that name. */
const judges: Sentence<Readonly<Record<string, string>>> = {
  ja: { natsuin: '検証プログラム', evidence: '証跡', pdfsig: 'pdfsig (Poppler)' },
  en: { natsuin: 'Our verifier', evidence: 'The evidence', pdfsig: 'pdfsig (Poppler)' },
}

export const messages = {
  foot: {
    ja: 'Natsuin — 鍵はサーバーに。決めるのは、あなた。',
    en: 'Natsuin — the key is on the server. The decision is yours.',
  },
  opening: { ja: '確認しています…', en: 'One moment…' },
  confirming: { ja: '端末の指示に従ってください…', en: 'Follow your device…' },
  leaving: { ja: '戻っています…', en: 'Taking you back…' },
  failureHeading: { ja: 'うまくいきませんでした', en: 'That did not work' },
  failureCode: { ja: '理由の符号', en: 'Code' },
  cancel: { ja: 'やめる', en: 'Cancel' },
  closeWindow: { ja: 'このウィンドウは閉じてかまいません。', en: 'You can close this window.' },

  apiTitle: { ja: '署名 API', en: 'The signing API' },
  apiLead: {
    ja: 'アプリケーションがこのサービスに署名を求めるための API（Cloud Signature Consortium の仕様）です。',
    en: 'How applications ask this service for signatures: the API of the Cloud Signature Consortium.',
  },
  apiDocument: { ja: 'OpenAPI 3.1 の文書（JSON）', en: 'The OpenAPI 3.1 document (JSON)' },
  apiFailed: { ja: '文書を読み込めませんでした。', en: 'The document could not be read.' },
  apiOpen: { ja: 'アクセストークンは不要です。', en: 'Needs no access token.' },
  apiAuthorized: { ja: '認可が必要です。', en: 'Needs authorization.' },
  apiRequest: { ja: 'リクエスト', en: 'Request' },
  apiAnswers: { ja: '応答', en: 'Answers' },
  apiMember: { ja: '名前', en: 'Name' },
  apiForm: { ja: '形式', en: 'Form' },
  apiRequired: { ja: '必須', en: 'required' },

  logInTitle: { ja: 'ログイン', en: 'Log in' },
  logInAsks,
  logInMeaning: {
    ja: 'ログインすると、このアプリはあなたの証明書を見て、署名を求めることができます。署名するかどうかは、その都度あなたが決めます。',
    en: 'After log-in the application sees your certificates and can ask for signatures. You decide about each one.',
  },
  creationAsks,
  creationMeaning: {
    ja: 'まだ登録していない場合は、担当者から受け取った招待のリンクを先に開いてください。署名するかどうかは、その都度あなたが決めます。',
    en: 'If you have not enrolled yet, open the invitation first that your registration officer gave you. You decide about each signature.',
  },
  deletionAsks,
  deletionMeaning: {
    ja: '消去した鍵は元に戻せず、二度と署名できません。これまでの署名は有効なままです。心当たりがなければ、中止してください。',
    en: 'A destroyed key does not come back and signs nothing more. What it signed stays valid. Cancel if you do not expect this.',
  },
  logIn: { ja: 'パスキーでログイン', en: 'Log in with your passkey' },
  logInWith,
  logInElsewhere: {
    ja: '登録のときに使ったアカウントでもログインできます。署名の承認は、これまでどおりです。',
    en: 'You can also use the account with which you enrolled. Signatures are approved as before.',
  },

  accountTitle: { ja: 'ログイン用のパスキー', en: 'A passkey for logging in' },
  accountLead: {
    ja: '署名鍵と証明書ができました。最後に、ログインに使うパスキーを登録します。承認用のパスキーとは別のものです。',
    en: 'Your signing key and certificate are ready. Last, register the passkey that you log in with. It is another one than the passkey that approves.',
  },
  accountRegister: { ja: 'ログイン用のパスキーを作る', en: 'Create the log-in passkey' },
  accountDone: { ja: '登録が終わりました', en: 'You are enrolled' },

  passkeysTitle: { ja: '承認に使うパスキー', en: 'Passkeys that approve' },
  passkeysLead: {
    ja: '署名を承認できるのは、ここに並ぶパスキーだけです。追加も削除も、登録済みのパスキーによる承認が要ります。',
    en: 'Only the passkeys listed here can approve your signatures. Adding or removing one takes one of them.',
  },
  passkeysHeading: { ja: '登録済みのパスキー', en: 'Registered' },
  firstPasskey: { ja: '最初に登録したパスキー', en: 'The passkey you enrolled with' },
  registeredOn,
  suspendedPasskey: {
    ja: '停止中（複製された疑いがあります）',
    en: 'stopped: there seems to be a copy of it',
  },
  addPasskey: { ja: 'パスキーを追加する', en: 'Add a passkey' },
  removePasskey: { ja: '削除', en: 'Remove' },
  passkeysNote: {
    ja: '端末を失くしたときに困らないよう、二つ以上登録しておくことをお勧めします。すべて失くした場合は、担当者に新しい登録を頼んでください。',
    en: 'Register two or more, so that a lost device does no harm. If you lose all of them, ask to be enrolled anew.',
  },
  waitingHeading: { ja: '承認待ち', en: 'Waiting for you' },
  nothingWaits: { ja: '今は何もありません。', en: 'Nothing at the moment.' },
  waitingFor,
  waitingUntil,
  lookAndDecide: { ja: '見て決める', en: 'Look and decide' },
  waitingNote: {
    ja: 'アプリが署名を求めると、ここに現れます。承認するか断るかは、承認ページで決めます。',
    en: 'What applications ask you to sign appears here. You approve or decline on the approval page.',
  },

  passwordsHeading: { ja: 'プログラム用のパスワード', en: 'Passwords for programs' },
  passwordsNote: {
    ja: 'ブラウザーを使えないプログラムに、あなたの名前で署名を求めさせるためのものです。これだけでは何も署名できません。',
    en: 'For programs that cannot use a browser and ask for signatures in your name. With it alone nothing is signed.',
  },
  passwordLabel: { ja: 'どのプログラムか', en: 'For which program' },
  makePassword: { ja: 'パスワードを作る', en: 'Make a password' },
  passwordMade: {
    ja: 'このパスワードは二度と表示されません。今、プログラムに設定してください。',
    en: 'This password is never shown again. Give it to the program now.',
  },
  passwordUser: { ja: '利用者名', en: 'User name' },
  password: { ja: 'パスワード', en: 'Password' },
  madeOn,
  removePassword: { ja: '無効にする', en: 'End it' },

  logOut: { ja: 'ログアウト', en: 'Log out' },
  noticesHeading: { ja: 'お知らせ', en: 'What has changed' },
  noticeKinds,
  noticesMeaning: {
    ja: '身に覚えのない変更があれば、すぐにサービスの運営者に知らせてください。',
    en: 'If you did not do this yourself, tell the operator of the service at once.',
  },

  callbackTitle: { ja: '戻りました', en: 'Done' },

  deskTitle: { ja: '文書に、捺印しました', en: 'A document was sealed' },
  deskTitleFirst: { ja: '文書に、捺印する', en: 'Seal a document' },
  deskLead: {
    ja: '署名鍵はサーバーの暗号モジュールの中にあり、署名者のパスキーによる承認がなければ動きません。ここで今起きたことは、すべて本物です。',
    en: 'The signing key lives in a crypto module on a server, and only its owner’s passkey can make it act. Everything that happened here is real.',
  },
  approvedDocument: { ja: '承認された文書', en: 'Approved' },
  signer: { ja: '署名者', en: 'Signer' },
  credential: { ja: '署名鍵', en: 'Credential' },
  level: { ja: '保証レベル', en: 'Level' },
  levelOne: {
    ja: 'レベル 1：ソフトウェアモジュール。一つの OS ユーザーの中に安全の境界はありません',
    en: 'level 1: software module; one OS user is not a security boundary',
  },
  timeStamp: { ja: 'タイムスタンプ', en: 'Time-stamp' },
  elapsed: { ja: 'かかった時間', en: 'Elapsed' },
  signedValue: { ja: '署名された値 (SHA-256)', en: 'Digest that was signed (SHA-256)' },
  samKey: { ja: 'SAM の鍵 (SHA-256)', en: 'SAM key (SHA-256)' },
  root: { ja: 'ルート証明書 (SHA-256)', en: 'Root certificate (SHA-256)' },
  openPdf: { ja: '署名済みの PDF を開く', en: 'Open the signed PDF' },
  openEvidence: { ja: '証跡を見る', en: 'See the evidence' },
  judgesHeading: { ja: '確かめた者', en: 'Who checked it' },
  judges,
  timelineHeading: { ja: '何が起きたか', en: 'What happened' },
  pinsHeading: { ja: '自分で確かめるには', en: 'Check it yourself' },
  pinsLead: {
    ja: '証跡は、下の SAM の鍵だけを頼りに、オフラインで検証できます。',
    en: 'The evidence verifies offline, from the SAM key below and nothing else.',
  },

  ownHeading: { ja: 'あなたの PDF に署名する', en: 'Sign a PDF of your own' },
  goToOwn: { ja: '自分の PDF でも試す', en: 'Try it with your own' },
  ownLead: {
    ja: '文書はこのブラウザーから出ません。サービスに送られるのはハッシュ値だけです。',
    en: 'The document does not leave this browser. Only its digest travels to the service.',
  },
  enrolHeading: { ja: 'あなたを登録する', en: 'Enrol' },
  enrolLead: {
    ja: '氏名を入れてください。デモの登録担当者があなたを保証し、承認用とログイン用の二つのパスキーを作ります。',
    en: 'Type your name. The demonstration’s officer vouches for you, and you create two passkeys: one approves, one logs in.',
  },
  yourName: { ja: '氏名', en: 'Your name' },
  enrol: { ja: 'パスキーを作る', en: 'Create my passkeys' },
  enrolling: { ja: '開いたウィンドウで続けてください…', en: 'Go on in the window that opened…' },
  enrolled: { ja: '登録済みです', en: 'You are enrolled' },
  enrolledBefore: { ja: '登録済みなら、そのまま次へ', en: 'Enrolled before? Go straight on.' },
  chooseHeading: { ja: 'PDF を置いて、承認する', en: 'Drop a PDF and approve' },
  chooseLead: {
    ja: 'ログインと承認のウィンドウが開きます。承認ページは、あなたが置いた文書そのものを表示します。',
    en: 'A window opens to log in and approve. The approval page shows you the very document that you dropped.',
  },
  dropHere: { ja: '署名する PDF をここに置く', en: 'Drop the PDF here' },
  dropHint: { ja: 'クリックして選ぶこともできます', en: 'or click to choose' },
  sign: { ja: '署名する', en: 'Sign' },
  chooseAnother: { ja: '別の PDF を選ぶ', en: 'Choose another' },
  resultHeading: { ja: '受け取る', en: 'Take it home' },
  resultWaits: { ja: '署名すると、ここに現れます。', en: 'It will appear here.' },
  handSigned,
  evidenceHolds,
  evidenceFails: { ja: '証跡を検証できません', en: 'the evidence does not verify' },
  downloadPdf: { ja: '署名済みの PDF を保存', en: 'Save the signed PDF' },
  downloadEvidence: { ja: '証跡を保存', en: 'Save the evidence' },
  checkedHere: { ja: 'このブラウザーで検証しました', en: 'Checked in this browser' },
} as const satisfies Readonly<Record<string, Sentence<unknown>>>

interface StepWords {
  readonly title: Sentence
  readonly meaning: Sentence
}

/** What each step of a signature is, told to somebody who has never seen one. */
export const stepMessages: Readonly<Record<StepName, StepWords>> = {
  discover: {
    title: { ja: 'サービスを知る', en: 'Discover the service' },
    meaning: {
      ja: 'アプリは CSC API の info を読み、署名サービスの能力と認可サーバーを知ります。',
      en: 'The application reads the CSC API’s info: what the service can do, and who authorises.',
    },
  },
  'log-in': {
    title: { ja: 'ログインする', en: 'Log in' },
    meaning: {
      ja: '署名者がログイン用のパスキーでログインします（認可コードと PKCE）。まだ何も署名できません。',
      en: 'The signer logs in with a passkey (authorization code, PKCE). Nothing can be signed yet.',
    },
  },
  credential: {
    title: { ja: '署名鍵を選ぶ', en: 'Choose the credential' },
    meaning: {
      ja: 'アプリは署名者の鍵の一覧と証明書を受け取ります。鍵そのものは暗号モジュールの外に出ません。',
      en: 'The application gets the signer’s credentials and certificates. The key stays in the module.',
    },
  },
  prepare: {
    title: { ja: '文書を準備する', en: 'Prepare the document' },
    meaning: {
      ja: '手元で PDF に署名の場所を作り、ハッシュ値を計算します。文書は送られません。',
      en: 'On the application’s side the PDF gets room for the signature, and its digest is computed. It is not sent.',
    },
  },
  push: {
    title: { ja: '承認を求める', en: 'Ask for approval' },
    meaning: {
      ja: 'ハッシュ値と名前と署名属性を認可サーバーに預けます（PAR）。SAM がこの承認のための券を発行します。',
      en: 'Digest, label and signed attributes are pushed (PAR). The SAM issues a ticket for this approval.',
    },
  },
  approve: {
    title: { ja: '承認する', en: 'Approve' },
    meaning: {
      ja: '署名者が承認ページで文書を見て、パスキーで承認します。SAM はその証明を自分で確かめます。',
      en: 'On the approval page the signer sees the document and approves with a passkey. The SAM verifies that itself.',
    },
  },
  sign: {
    title: { ja: '署名する', en: 'Sign' },
    meaning: {
      ja: 'SAM が鍵を取り出し、承認されたハッシュ値にだけ、一度だけ署名します。',
      en: 'The SAM unwraps the key and signs exactly the approved digest, once.',
    },
  },
  'time-stamp': {
    title: { ja: '時刻を刻む', en: 'Time-stamp' },
    meaning: {
      ja: 'タイムスタンプ局が、署名がこの時刻にあったことを証明します (RFC 3161)。',
      en: 'The time-stamp authority proves that the signature existed at this time (RFC 3161).',
    },
  },
  verify: {
    title: { ja: '検証する', en: 'Verify' },
    meaning: {
      ja: '署名とは別のプログラムが、できあがったファイルを検証します。',
      en: 'A verifier that shares no code with the signing path judges the file.',
    },
  },
  evidence: {
    title: { ja: '証跡を受け取る', en: 'Collect the evidence' },
    meaning: {
      ja: '券、承認、登録、監査記録をまとめた証跡を受け取ります。誰でもオフラインで検証できます。',
      en: 'Ticket, approval, enrolment and log records in one file that anyone can verify offline.',
    },
  },
}
