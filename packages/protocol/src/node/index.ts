export { type AllowanceOptions, Allowances } from './allowances.ts'
export { callerOf } from './caller.ts'
export {
  besideFile,
  ConfigurationError,
  oneMember,
  optional,
  path,
  type ResolvePath,
  readJsonFile,
  readSettings,
  readText,
  required,
  type Setting,
  type SettingTable,
  type SettingValues,
} from './configuration.ts'
export { type Connection, type ConnectOptions, connect, PeerAway, PeerFault } from './connect.ts'
export { replaceFile } from './durable-file.ts'
export {
  HEALTH_DOCUMENTATION,
  HEALTH_EXAMPLE,
  type Health,
  type HealthSetting,
  healthSetting,
  NO_HEALTH,
  type ReadinessChecks,
  resolveHealth,
  serveHealth,
} from './health.ts'
export { type HeldFile, holdFile } from './held-file.ts'
export { type ListenSetting, listenSetting, readListenAddress, resolveListen } from './listen-setting.ts'
export { describeFault, jsonLog, type Log, type LogLevel } from './log.ts'
export {
  type CallMetrics,
  callMetrics,
  gaugeModule,
  type MeteredCalls,
  meteredConnection,
  meteredHandlers,
  moduleMetrics,
  type ObserveCall,
  observeModule,
} from './metered.ts'
export type { Address, Handlers, MethodTable, MutualTls, RequestOf, ResponseOf } from './methods.ts'
export {
  LATENCY_BUCKETS,
  type LabelValues,
  type MetricDeclaration,
  Metrics,
  type MetricTable,
  measureProcess,
  processMetrics,
} from './metrics.ts'
export { logModule, moduleChoice } from './module-choice.ts'
export { type ModuleSetting, moduleSetting, resolveModule } from './module-setting.ts'
export {
  type FileProblems,
  problemsOfFile,
  problemsOfListen,
  problemsOfModule,
  problemsOfSecret,
} from './named-files.ts'
export { bringShare } from './pin-shares/bring-share.ts'
export type { ShareAnswer } from './pin-shares/gather-pin.ts'
export { readShare, splitPin } from './pin-shares/split-pin.ts'
export {
  answer,
  type Command,
  type CommandLine,
  endAtOnce,
  type Program,
  runProgram,
  serveUntilTold,
} from './program.ts'
export { referenceOf, type SettingReference } from './reference.ts'
export { type ServeOptions, type Serving, serve } from './serve.ts'
export {
  type BackupTerms,
  type CopiedKey,
  type Custodian,
  handedOver,
  handOver,
  lastLayer,
  openLayer,
  shareBackup,
} from './shared-backup.ts'
export { socketPath } from './socket-path.ts'
export { endsProcess, isSqliteOutage } from './sqlite-faults.ts'
export { answerQuestions, startThread, type Thread } from './thread.ts'
export {
  isLocalName,
  problemsOfWebListen,
  resolveWebListen,
  WEB_LISTEN_DOCUMENTATION,
  WEB_LISTEN_EXAMPLE,
  type WebListen,
  webListenSetting,
} from './web-listen.ts'
export { listenOn, transportSecurity, webServer } from './web-server.ts'
