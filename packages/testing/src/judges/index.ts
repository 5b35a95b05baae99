export { certificateDatabase, openssl, type PdfsigSignature, pdfsig, qpdfCheck } from './judges.ts'
