export { type Connection, type ConnectOptions, connect, PeerFault } from './connect.ts'
export type { Address, Handlers, MethodTable, MutualTls, RequestOf, ResponseOf } from './methods.ts'
export { type ServeOptions, type Serving, serve } from './serve.ts'
