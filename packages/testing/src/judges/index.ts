export {
  certificateDatabase,
  openssl,
  opensslCades,
  type PdfsigSignature,
  pdfsig,
  qpdfCheck,
  verifiesByXmlsec1,
  xmllint,
  xmlsec1,
} from './judges.ts'
