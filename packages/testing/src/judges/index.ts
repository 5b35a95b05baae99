export {
  certificateDatabase,
  openssl,
  type PdfsigSignature,
  pdfsig,
  qpdfCheck,
  xmllint,
  xmlsec1,
} from './judges.ts'
