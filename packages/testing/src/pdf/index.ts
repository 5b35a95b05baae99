export { type ArchivalKind, archivalPdf } from './archival.ts'
export { type ShapeObject, toBytes, withTable } from './build-pdf.ts'
export { writeLargePdf } from './large-pdf.ts'
export { documentOfSize, documentWith, documentWithField, PDF_SHAPES, type PdfShape } from './shapes.ts'
