/** Every sentence of the approval page, in both languages. One that lacks a language does not compile. */
import type { PresentationRisk } from '@natsuin/ades/pdf'
import type { Level } from '@natsuin/protocol/genesis'
import type { Sentence } from '../../../../faces/language.ts'
import type { Unready } from './codes.ts'
import type { ProblemCode } from './problem.ts'

type Blank<T> = Sentence<(value: T) => string>

const count: Blank<{ count: number; text: string }> = {
  ja: ({ text }) => `${text} 件`,
  en: ({ count: n, text }) => (n === 1 ? '1 document' : `${text} documents`),
}

/** Numbers come as text, written as the language writes them. */
const progress: Blank<Readonly<Record<'checked' | 'of', string>>> = {
  ja: ({ checked, of }) => `${of} 件のうち ${checked} 件の内容を確認しました`,
  en: ({ checked, of }) => `${checked} of ${of} checked`,
}

const passkeysChanged: Blank<Readonly<Record<'count', number> & Record<'changed', string>>> = {
  ja: ({ count: n, changed }) => `${n} 個（最後の変更：${changed}）`,
  en: ({ count: n, changed }) => `${n}, last changed on ${changed}`,
}

const levels: Sentence<Readonly<Record<Level, string>>> = {
  ja: { 1: '1（最低限）', 2: '2（推奨）', 3: '3（推奨・追加要件）' },
  en: { 1: '1 (minimum)', 2: '2 (recommended)', 3: '3 (recommended and additional)' },
}

const codesMissing: Sentence<Readonly<Record<Unready, string>>> = {
  ja: {
    'pin-form': '暗証番号を6桁から12桁の数字で決めてください。',
    'pin-differs': '二つの暗証番号が一致していません。',
    'code-form': 'アプリに表示されている番号を入力してください。',
    'address-form': 'コードを受け取るメールアドレスを入力してください。',
  },
  en: {
    'pin-form': 'Choose a PIN of six to twelve digits.',
    'pin-differs': 'The two PINs are not the same.',
    'code-form': 'Type the number that the app shows.',
    'address-form': 'Type the e-mail address that codes are to be sent to.',
  },
}

export const messages = {
  loading: { ja: '内容を確認しています…', en: 'Checking what you are asked to approve…' },
  foot: {
    ja: 'このページは承認のためだけのものです。署名鍵は、あなたのパスキーによる承認なしには動きません。',
    en: 'This page exists for approvals alone. Your signing key does not act without your passkey.',
  },

  nothing: { ja: '承認ページ', en: 'Approval page' },

  approveTitle: { ja: 'この内容に電子署名しますか', en: 'Do you want to sign this?' },
  approveTitleMany: {
    ja: (n: number) => `この ${n.toLocaleString('ja')} 件に電子署名しますか`,
    en: (n: number) => `Do you want to sign these ${n.toLocaleString('en')} documents?`,
  },
  approveLead: {
    ja: '下の内容を確かめてください。承認すると、あなたの鍵でこの文書だけに、一度だけ署名します。',
    en: 'Please check what is below. If you approve, your key signs exactly this, once.',
  },
  whoHeading: { ja: '誰が、どの鍵で、誰の求めで', en: 'Who signs, with which key, for whom' },
  signer: { ja: '署名者', en: 'Signer' },
  credential: { ja: '署名鍵', en: 'Signing key' },
  client: { ja: '求めているアプリ', en: 'Requested by' },
  level: { ja: '保証レベル', en: 'Assurance level' },
  levels,
  timeLeft: { ja: '残り時間', en: 'Time left' },
  timeOver: { ja: '時間切れと思われます', en: 'Probably over' },
  minuteLeft: { ja: '残り一分です。', en: 'One minute left.' },

  documentsHeading: { ja: '署名する文書', en: 'What is signed' },
  count,
  seen: { ja: '内容を確認済み', en: 'Checked' },
  risky: { ja: '確認済み・表示に注意', en: 'Checked, may look different' },
  unshown: { ja: '表示できない文書', en: 'Cannot be shown' },
  vouched: { ja: 'アプリが保証', en: 'The application vouches' },
  unseen: { ja: '内容が未確認', en: 'Not seen' },
  seenMeaning: {
    ja: 'この文書から計算した値が、承認する値と一致しました。',
    en: 'The value computed from this document is the value that you approve.',
  },
  riskyMeaning: {
    ja: '承認する値との一致は確認済みです。ただし、この文書には、他のソフトでは違って見えたり、ここでは表示されなかったりする部分があります。',
    en: 'The value computed from it is the value that you approve. But parts of it may look different in other programs, or are not shown here:',
  },
  unshownMeaning: {
    ja: '承認する値との一致は確認済みですが、このページでは内容を表示できません。',
    en: 'The value computed from it is the value that you approve, but this page cannot show what is in it.',
  },
  vouchedItem: {
    ja: 'このページは中身を見ていません。承認する値がこの名前の文書のものであることを、アプリが電子署名で保証しています。',
    en: 'This page has not seen what is in it. The application has signed that the value you approve belongs to a document of this name.',
  },
  unseenMeaning: {
    ja: 'この名前はアプリが付けたものです。このページは文書そのものを見ていません。',
    en: 'The application chose this name. This page has not seen the document itself.',
  },
  /** What a digest is of, where the value to be signed is made after the approval. */
  approvesSdr: {
    ja: '承認するのは、署名の対象になるこの文書のハッシュ値です。署名する値は、承認の後にこのハッシュ値から作られます。',
    en: 'You approve the digest of this document in the form that is signed. The value to be signed is made of it afterwards.',
  },
  approvesSodr: {
    ja: '承認するのは、この文書（ファイル全体）です。署名の形に整え、署名する値を作るのは、承認の後にサービスが行います。',
    en: 'You approve this document, as a whole file. The service prepares it for signing afterwards, and makes the value to be signed.',
  },
  show: { ja: '文書を表示', en: 'Show the document' },
  hide: { ja: '文書を閉じる', en: 'Hide the document' },
  viewerTitle: { ja: '文書の表示', en: 'The document' },
  digest: { ja: '署名する値', en: 'Value to be signed' },
  documentDigest: { ja: '文書のハッシュ値', en: 'Digest of the document' },
  details: { ja: '技術的な内容', en: 'Technical details' },

  dropHere: {
    ja: '署名する文書をここに置くと、同じものかどうかを確かめて表示します',
    en: 'Put the prepared document here: the page checks that it is the one, and shows it',
  },
  dropAllHere: {
    ja: '署名する文書やフォルダーをここに置くと、どの文書かを確かめて表示します',
    en: 'Put the prepared documents, or their folder, here: the page checks which they are, and shows them',
  },
  dropChoose: {
    ja: 'クリックして選ぶこともできます。文書は送信されません。',
    en: 'Or click to choose. Nothing is sent anywhere.',
  },
  dropFolder: { ja: 'フォルダーを選ぶ', en: 'Choose a folder' },
  refusedCount: {
    ja: (n: string) => `署名を求められていないファイルが ${n} 件ありました。`,
    en: (n: string) => `${n} files were none of the documents that you are asked to sign.`,
  },

  fetchingLabel: { ja: '文書の読み込み', en: 'Fetching documents' },
  fetching: {
    ja: ({ fetched, of, size }: Fetched) =>
      `アプリが示した場所から文書を読み込んでいます：${fetched} / ${of} 件（${size} MB）`,
    en: ({ fetched, of, size }: Fetched) =>
      `Fetching the documents from where the application keeps them: ${fetched} of ${of} (${size} MB)`,
  },
  notFetched: {
    ja: (n: number) => `${n} 件の文書を読み込めませんでした。`,
    en: (n: number) =>
      n === 1 ? 'One document could not be fetched.' : `${n} documents could not be fetched.`,
  },
  fetchAgain: { ja: 'もう一度読み込む', en: 'Try again' },

  progress,
  progressVouched: {
    ja: (n: string) => `・${n} 件はアプリが保証`,
    en: (n: string) => `· the application vouches for ${n}`,
  },
  progressUnseen: { ja: (n: string) => `・${n} 件は未確認`, en: (n: string) => `· ${n} not seen` },
  progressWaiting: {
    ja: (n: string) => `・残り ${n} 件を確認中…`,
    en: (n: string) => `· checking ${n} more…`,
  },

  search: { ja: '文書名で探す', en: 'Search by name' },
  filter: { ja: '絞り込み', en: 'Show only' },
  all: { ja: 'すべて', en: 'All' },
  foundCount: { ja: (n: string) => `${n} 件見つかりました`, en: (n: string) => `${n} found` },
  foundNone: { ja: '該当する文書はありません。', en: 'No document has such a name.' },
  close: { ja: '閉じる', en: 'Close' },
  save: { ja: '保存', en: 'Save a copy' },
  before: { ja: '前の文書', en: 'Previous' },
  after: { ja: '次の文書', en: 'Next' },
  place: {
    ja: ({ at, of }: Readonly<Record<'at' | 'of', string>>) => `${at} / ${of} 件目`,
    en: ({ at, of }: Readonly<Record<'at' | 'of', string>>) => `${at} of ${of}`,
  },

  riskyHeading: { ja: '見え方が変わりうる文書があります', en: 'Some documents may look different elsewhere' },
  riskyWarning: {
    ja: (n: string) =>
      `${n} 件の文書には、プログラムや添付ファイルなど、このページが表示しない部分があります。一覧で印の付いた文書を開いて確かめてください。`,
    en: (n: string) =>
      `${n} of the documents bring along scripts, attachments or other parts that this page does not show. Open the marked ones in the list to see which.`,
  },
  unshownHeading: { ja: 'このページで表示できない文書があります', en: 'Some documents cannot be shown here' },
  unshownWarning: {
    ja: (n: string) =>
      `${n} 件の文書は、承認する値との一致を確認しましたが、内容を表示できません。別のソフトで開いて内容を確かめてください。`,
    en: (n: string) =>
      `${n} of the documents are the ones that you approve, but this page cannot show what is in them. Open them in a program of your own.`,
  },
  unshownAccept: {
    ja: '表示できない文書の内容を、自分で確かめました',
    en: 'I have read the documents that cannot be shown here elsewhere',
  },

  vouchedHeading: { ja: 'アプリが保証する文書', en: 'Documents that the application vouches for' },
  vouchedMeaning: {
    ja: (client: string) =>
      `このページは、これらの文書の中身を見ていません。「${client}」が、名前のとおりの文書であると電子署名で保証しており、その署名は確認済みです。`,
    en: (client: string) =>
      `This page has not seen what is in these documents. “${client}” has signed that they are what their names say; its signature was checked.`,
  },

  unseenHeading: { ja: '見ていない文書があります', en: 'There are documents you have not seen here' },
  unseenWarning: {
    ja: 'このページは、印の付いた文書の中身を確かめていません。承認すると、アプリの言うとおりの文書だと信じて署名することになります。',
    en: 'This page has not checked what the marked documents contain. If you approve, you sign on the word of the application alone.',
  },
  wholeFileHeading: {
    ja: 'この鍵では、この形の依頼に署名できません',
    en: 'This key does not sign what is asked for in this way',
  },
  wholeFileRefused: {
    ja: 'この鍵が署名するのは、署名用に準備された文書だけです。元のファイル全体のハッシュ値による依頼は、アプリに戻ってやり直してください。',
    en: 'It signs documents that were prepared for signing, and nothing by the digest of an original file. Go back to the application.',
  },
  unseenAccept: {
    ja: 'アプリを信じて、見ていない文書に署名します',
    en: 'I trust the application and sign documents that I have not seen here',
  },
  unseenRefused: {
    ja: 'この鍵では、見ていない文書に署名できません。上の枠に文書を置いてください。',
    en: 'This key signs no document that has not been seen. Put the document into the field above.',
  },

  approve: { ja: 'パスキーで承認して署名する', en: 'Approve with your passkey' },
  approveMany: {
    ja: (n: string) => `パスキーで承認して ${n} 件に署名する`,
    en: (n: string) => `Approve all ${n} with your passkey`,
  },
  approveAtProvider: {
    ja: (provider: string) => `「${provider}」にログインして承認する`,
    en: (provider: string) => `Log in at ${provider} to approve`,
  },
  logInFirst: {
    ja: (provider: string) => `まず「${provider}」にログインする`,
    en: (provider: string) => `First log in at ${provider}`,
  },
  loggingIn: {
    ja: '別のウィンドウでログインしてください…',
    en: 'Log in in the other window…',
  },
  giveUpLogIn: { ja: 'ログインをやめる', en: 'Stop logging in' },
  loggedIn: {
    ja: 'ログインしました。続けてパスキーで承認してください。',
    en: 'You have logged in. Now use your passkey.',
  },
  logInNote: {
    ja: '承認するには、その場でログインし直します。結果は元のアプリに戻ります。',
    en: 'To approve you log in anew, even if you are logged in already. Then you go back to the application.',
  },
  cameBackTitle: { ja: 'ログインが終わりました', en: 'You are done here' },
  cameBack: {
    ja: 'このウィンドウを閉じて、元のページに戻ってください。',
    en: 'Close this window and go back to the page you came from.',
  },
  confirming: { ja: '端末の指示に従ってください…', en: 'Follow your device…' },
  sending: { ja: '送信しています…', en: 'Sending…' },
  leaving: { ja: '元のアプリに戻ります…', en: 'Taking you back…' },
  decline: { ja: '署名しない', en: 'Do not sign' },
  approveNote: {
    ja: '指紋・顔・PIN などで本人を確認します。結果は元のアプリに戻ります。',
    en: 'Your device checks that it is you. Then you go back to the application.',
  },

  enrolTitle: { ja: 'パスキーを登録します', en: 'Register your passkey' },
  enrolLead: {
    ja: '登録すると、あなたの署名鍵が作られます。その鍵は、このパスキーで承認したときだけ動きます。',
    en: 'A signing key is made for you. It will act only when you approve with this passkey.',
  },
  enrolProviderTitle: { ja: 'アカウントを登録します', en: 'Link your account' },
  enrolProviderLead: {
    ja: '登録すると、あなたの署名鍵が作られます。その鍵は、今ログインするアカウントで、署名のたびにログインし直して承認したときだけ動きます。',
    en: 'A signing key is made for you. It will act only when you log in anew, with the account that you use now, to approve each signing.',
  },
  enrolBothLead: {
    ja: '登録すると、あなたの署名鍵が作られます。その鍵は、今ログインするアカウントと、このパスキーの両方で承認したときだけ動きます。',
    en: 'A signing key is made for you. It will act only when you approve with both: the account that you use now, and this passkey.',
  },
  enrolAtProvider: {
    ja: (provider: string) => `「${provider}」にログインして登録する`,
    en: (provider: string) => `Log in at ${provider} to enrol`,
  },
  enrolHeading: { ja: '証明書に載る内容', en: 'What your certificate will say' },
  enrolCheck: {
    ja: '名前が違う場合は登録せず、案内をくれた担当者に知らせてください。',
    en: 'If this is not you, do not register; tell the person who invited you.',
  },
  commonName: { ja: '氏名', en: 'Name' },
  givenName: { ja: '名', en: 'Given name' },
  surname: { ja: '姓', en: 'Surname' },
  serialNumber: { ja: '識別番号', en: 'Serial number' },
  organizationName: { ja: '組織', en: 'Organisation' },
  organizationIdentifier: { ja: '組織の登録番号', en: 'Registered as' },
  countryName: { ja: '国', en: 'Country' },
  credentialClass: { ja: '鍵の種類', en: 'Kind of key' },
  enrol: { ja: 'パスキーを作って登録する', en: 'Create the passkey' },
  makingKey: { ja: '署名鍵と証明書を作っています…', en: 'Making your signing key and certificate…' },

  addTitle: { ja: 'パスキーを追加します', en: 'Add a passkey' },
  addLead: {
    ja: '別の端末やセキュリティキーのパスキーを追加します。追加したパスキーでも、署名を承認できるようになります。',
    en: 'Add a passkey on another device or a security key. It will be able to approve signatures as well.',
  },
  passkeyLabel: { ja: 'このパスキーの呼び名', en: 'What you call this passkey' },
  passkeyDefaultLabel: { ja: '新しいパスキー', en: 'New passkey' },
  addCreate: { ja: '新しいパスキーを作る', en: 'Create the new passkey' },
  addCreateNote: {
    ja: '新しく使う端末やセキュリティキーを選んでください。',
    en: 'Choose the device or security key that you want to add.',
  },
  addConfirm: { ja: '今のパスキーで追加を承認する', en: 'Approve it with a passkey you have' },
  addConfirmNote: {
    ja: '追加を承認できるのは、既に登録されているあなたのパスキーだけです。',
    en: 'Only a passkey of yours that is registered already can approve the addition.',
  },
  removeTitle: { ja: 'パスキーを削除します', en: 'Remove a passkey' },
  removeLead: {
    ja: '削除したパスキーでは、二度と署名を承認できません。失くした端末のパスキーは、すぐに削除してください。',
    en: 'A removed passkey can never approve a signature again. Remove the passkey of a lost device at once.',
  },
  removedPasskey: { ja: '削除するパスキー', en: 'Passkey to be removed' },
  firstPasskey: { ja: '最初に登録したパスキー', en: 'The passkey you enrolled with' },
  passkeySince: { ja: '登録した日時', en: 'Registered' },
  removeConfirm: { ja: 'パスキーで承認して削除する', en: 'Approve with a passkey and remove it' },
  removeNote: {
    ja: '登録されているどのパスキーでも承認できます。',
    en: 'Any passkey of yours that is registered can approve this.',
  },
  passkeysTold: { ja: '登録済みのパスキー', en: 'Your passkeys' },
  passkeysChanged,

  sentCodesHeading: { ja: '暗証番号とコードの送り先', en: 'PIN and where codes are sent' },
  codesAddress: { ja: 'コードを受け取るメールアドレス', en: 'E-mail address for codes' },
  codesAddressNote: {
    ja: '署名のたびに、ここへ一度限りのコードが届きます。後から変えることはできません。',
    en: 'For each signature a code that is good once is sent there. It cannot be changed later.',
  },
  codesHeading: { ja: '暗証番号と認証アプリ', en: 'PIN and authenticator app' },
  pinChoose: { ja: '暗証番号を決める', en: 'Choose a PIN' },
  pinAgain: { ja: '暗証番号をもう一度', en: 'The same PIN again' },
  pinNote: {
    ja: '6桁から12桁の数字です。同じ数字や続き番号の並びは使えません。',
    en: 'Six to twelve digits, but not one digit again and again, nor digits in a row.',
  },
  appSecret: {
    ja: '認証アプリに次の鍵を入力してください。この画面を閉じると、二度と表示されません。',
    en: 'Type this key into your authenticator app. It is never shown again once this page is closed.',
  },
  appOpen: { ja: 'この端末の認証アプリで開く', en: 'Open it in an app on this device' },
  appCode: { ja: 'アプリに表示されている6桁の番号', en: 'The six digits that the app shows now' },
  codesMissing,
  enrolCodes: { ja: '登録する', en: 'Enrol' },

  problemHeading: { ja: '続けられません', en: 'This cannot go on' },
  retryHeading: { ja: 'うまくいきませんでした', en: 'That did not work' },
  problemCode: { ja: '理由の符号', en: 'Code' },
  returnToApplication: {
    ja: '元のアプリに戻って、もう一度始めてください。',
    en: 'Go back to the application and start again.',
  },
} as const satisfies Readonly<Record<string, Sentence<unknown>>>

type Fetched = Readonly<Record<'fetched' | 'of', number>> & { readonly size: string }

/** What in a document may look different elsewhere, or is not shown here. */
export const riskMessages: Readonly<Record<PresentationRisk, Sentence>> = {
  scripts: {
    ja: 'プログラム（JavaScript）が含まれます。ここでは動きません。',
    en: 'It contains scripts. They do not run here.',
  },
  'dynamic-form': {
    ja: '動的なフォーム（XFA）です。ここでは正しく表示されません。',
    en: 'It is a dynamic form (XFA), which is not shown properly here.',
  },
  layers: {
    ja: '表示・非表示を切り替えられる層があります。',
    en: 'It has layers that can be switched on and off.',
  },
  attachments: {
    ja: '別のファイルが添付されています。ここでは表示しません。',
    en: 'Other files are attached to it, which are not shown here.',
  },
  multimedia: {
    ja: '動画・音声・立体図が含まれます。ここでは再生しません。',
    en: 'It contains film, sound or models, which are not shown here.',
  },
  unexamined: {
    ja: '構造が規格どおりでなく、調べられませんでした。',
    en: 'Its structure is not as the standard demands, and was not examined.',
  },
}

export const viewerMessages = {
  page: {
    ja: ({ page, of }: Readonly<Record<'page' | 'of', number>>) => `${page} / ${of} ページ`,
    en: ({ page, of }: Readonly<Record<'page' | 'of', number>>) => `Page ${page} of ${of}`,
  },
  larger: { ja: '拡大', en: 'Larger' },
  smaller: { ja: '縮小', en: 'Smaller' },
  loading: { ja: '文書を開いています…', en: 'Opening the document…' },
  unreadable: {
    ja: 'この文書は表示できません。署名する値との一致は確認済みです。',
    en: 'This document cannot be shown. Its digest was checked.',
  },
} as const satisfies Readonly<Record<string, Sentence<unknown>>>

/** What the signer is told about each problem, and what he can do. */
export const problemMessages: Readonly<Record<ProblemCode, Sentence>> = {
  'code-wrong': {
    ja: '番号が違います。アプリに鍵を正しく入力したか、端末の時刻が合っているかを確かめて、今の番号で試してください。',
    en: 'The number is wrong. Check the key in the app and the clock of the device, and try the number that it shows now.',
  },
  'not-on-this-page': {
    ja: 'この署名鍵の登録と承認は、このページではできません。申込み先に確認してください。',
    en: 'This key is not enrolled for or approved with on this page. Ask whoever sent you here.',
  },
  'no-errand': {
    ja: 'このページは、署名を求めるアプリから開かれます。ここから始めることはできません。',
    en: 'An application that asks for your signature opens this page. Nothing starts from here.',
  },
  'errand-malformed': {
    ja: 'リンクが壊れています。受け取ったリンク全体をもう一度開いてください。',
    en: 'The link is damaged. Open the whole link that you were given once more.',
  },
  'server-unreachable': {
    ja: '署名サービスに接続できません。通信を確かめて、もう一度お試しください。',
    en: 'The signing service cannot be reached. Check your connection and try again.',
  },
  'answer-malformed': {
    ja: '署名サービスの答えが読めません。安全のため中止しました。',
    en: 'The signing service answered in a way that this page does not understand. It stopped, to be safe.',
  },
  'deployment-unreadable': {
    ja: 'このページの設定を読めません。時間をおいてお試しください。',
    en: 'This page cannot read its own settings. Try again later.',
  },
  'sam-key-unknown': {
    ja: 'このサービスはまだ開設されていません。名簿に載せるパスキーの登録だけができます。',
    en: 'This service is not founded yet. All that can be done here is registering passkeys for its roster.',
  },
  'ticket-not-genuine': {
    ja: 'この求めは、署名モジュールが発行したものではありません。承認しないでください。サービスの運営者に知らせてください。',
    en: 'The signing module did not issue this request. Do not approve it; tell the operator of the service.',
  },
  'ticket-other-deployment': {
    ja: 'この求めは、別のサービスのものです。承認できません。',
    en: 'This request belongs to another service. It cannot be approved here.',
  },
  'ticket-over': {
    ja: 'この求めは期限切れか、既に使われています。元のアプリに戻って、もう一度始めてください。',
    en: 'This request has expired or was used already. Go back to the application and start again.',
  },
  'request-inconsistent': {
    ja: '求められた内容に食い違いがあります。安全のため中止しました。',
    en: 'The request contradicts itself. This page stopped, to be safe.',
  },
  'request-not-genuine': {
    ja: 'アプリの署名が正しくありません。安全のため中止しました。アプリの運営者に知らせてください。',
    en: 'The application’s signature on this request is not right. This page stopped, to be safe; tell whoever runs the application.',
  },
  'too-many-signatures': {
    ja: '一度に承認できる数を超えています。',
    en: 'These are more signatures than one approval may allow.',
  },
  'continuation-foreign': {
    ja: '戻り先が署名サービスのものではないため、移動しませんでした。このウィンドウを閉じてください。',
    en: 'The address to go back to is not the signing service’s, so this page did not go there. Close this window.',
  },
  'document-not-prepared': {
    ja: 'この文書は署名用に準備された PDF ではありません。アプリが準備したファイルを置いてください。',
    en: 'This is not a PDF prepared for signing. Put the file here that the application prepared.',
  },
  'document-unknown': {
    ja: 'この文書は、署名を求められている文書ではありません。別の文書か、内容が変わっています。',
    en: 'This is not a document that you are asked to sign. It is another one, or it was changed.',
  },
  'document-unreadable': {
    ja: 'ファイルを読めません。移動されたか、変更された可能性があります。もう一度置いてください。',
    en: 'The file cannot be read; it may have been moved or changed. Put it there once more.',
  },
  'document-too-large': {
    ja: 'ファイルが大きすぎます（100 MB まで）。',
    en: 'The file is too large (at most 100 MB).',
  },
  'document-changed': {
    ja: 'この文書は、確認した後に変更されました。もう一度置いてください。',
    en: 'This document was changed after it had been checked. Put it there once more.',
  },
  'basis-refused': {
    ja: 'この鍵では、見ていない文書に署名できません。',
    en: 'This key signs no document that has not been seen.',
  },
  'hash-type-refused': {
    ja: 'この鍵では、元のファイル全体のハッシュ値による依頼に署名できません。',
    en: 'This key signs nothing by the digest of an original file.',
  },
  'passkey-unavailable': {
    ja: 'このブラウザーではパスキーを使えません。別のブラウザーか端末でお試しください。',
    en: 'This browser cannot use passkeys here. Try another browser or device.',
  },
  'passkey-not-given': {
    ja: 'パスキーによる確認が行われませんでした。取り消したか、時間切れです。もう一度試せます。',
    en: 'The passkey was not confirmed: cancelled, or out of time. You can try again.',
  },
  'passkey-known-already': {
    ja: 'このパスキーは既に登録されています。別の端末をお使いください。',
    en: 'This passkey is registered already. Use another device.',
  },
  'passkey-refused': {
    ja: '署名モジュールがこのパスキーを認めませんでした。登録したパスキーでお試しください。',
    en: 'The signing module did not accept this passkey. Use the one that you registered.',
  },
  'passkey-unfit': {
    ja: 'この種類のパスキーは使えません。端末から外へ出ないパスキー（セキュリティキーなど）でお試しください。',
    en: 'A passkey of this kind is not enough here. Use one that cannot leave its device, such as a security key.',
  },
  'passkey-model': {
    ja: 'この機種のパスキーは、このサービスでは使えません。指定された機種をお使いください。機種の情報を渡すことを断った場合も、登録できません。',
    en: 'A passkey of this make is not accepted here. Use one that the service names, and let your browser say which it is.',
  },
  'passkey-suspended': {
    ja: 'このパスキーには複製があると思われるため、止めてあります。別のパスキーで削除するか、担当者に知らせてください。',
    en: 'There seems to be a copy of this passkey, so it was stopped. Remove it with another passkey, or tell the service.',
  },
  'passkey-resting': {
    ja: '追加したばかりのパスキーでは、まだ承認できません。しばらくは、前からのパスキーをお使いください。',
    en: 'This passkey was added a short while ago and cannot approve yet. Use one that you had before.',
  },
  'passkey-last': {
    ja: '最後のパスキーは削除できません。先に別のパスキーを追加してください。',
    en: 'The last passkey cannot be removed. Add another one first.',
  },
  'passkeys-too-many': {
    ja: 'これ以上パスキーを追加できません。使わないものを先に削除してください。',
    en: 'No more passkeys can be added. Remove one that you do not use first.',
  },
  'window-blocked': {
    ja: 'ブラウザーがログインのウィンドウを開けませんでした。ポップアップを許可して、もう一度お試しください。',
    en: 'Your browser did not open the window to log in. Allow this page to open windows, then try again.',
  },
  'log-in-not-given': {
    ja: 'ログインが終わりませんでした。もう一度お試しください。',
    en: 'You did not finish logging in. You can try again.',
  },
  'log-in-refused': {
    ja: 'ログインの結果を確かめられませんでした。もう一度お試しください。',
    en: 'Your log-in could not be verified. You can try again.',
  },
  'log-in-stale': {
    ja: '以前のログインが使われました。署名を承認するには、その場でログインし直してください。',
    en: 'An earlier log-in was used. To approve, you have to log in anew, here and now.',
  },
  'log-in-insufficient': {
    ja: 'この署名には、より強い方法でのログインが必要です。二要素認証などでお試しください。',
    en: 'This signature needs a stronger way to log in, such as a second factor.',
  },
  'log-in-account': {
    ja: '登録したものと違うアカウントでログインしました。登録したアカウントでお試しください。',
    en: 'You logged in with another account than the one you enrolled with.',
  },
  'provider-unavailable': {
    ja: '認証サービスに接続できません。時間をおいてお試しください。',
    en: 'The identity provider cannot be reached. Try again later.',
  },
  'enrolment-key-unusable': {
    ja: '招待リンクの鍵が正しくありません。受け取ったリンク全体をもう一度開いてください。',
    en: 'The key in your invitation is not right. Open the whole link that you were given once more.',
  },
  'enrolment-over': {
    ja: 'この招待は期限切れか、既に使われています。担当者に新しい招待を頼んでください。',
    en: 'This invitation has expired or was used already. Ask for a new one.',
  },
  'administration-over': {
    ja: 'この申請は期限切れか、既に処理されたか、別の変更によって無効になっています。申請した人に知らせてください。',
    en: 'This request has expired, was dealt with already, or another change made it void. Tell whoever proposed it.',
  },
  'administration-approved-already': {
    ja: 'この申請は、あなたが既に承認しています。',
    en: 'You have approved this request already.',
  },
  'administration-about-oneself': {
    ja: '自分自身についての変更は承認できません。',
    en: 'Nobody approves a change that is about himself.',
  },
  'credential-unusable': {
    ja: 'この署名鍵は今は使えません。失効しているか、まだ有効になっていません。',
    en: 'This signing key cannot be used: it was revoked, or is not active yet.',
  },
  refused: {
    ja: '署名サービスが受け付けませんでした。元のアプリに戻って、もう一度始めてください。',
    en: 'The signing service did not accept this. Go back to the application and start again.',
  },
  'service-unavailable': {
    ja: '署名サービスが今は応じられません。署名はされていません。時間をおいてお試しください。',
    en: 'The signing service cannot act at the moment. Nothing was signed. Try again later.',
  },
  fault: {
    ja: 'このページに不具合が起きました。署名はされていません。',
    en: 'Something went wrong on this page. Nothing was signed.',
  },
}
