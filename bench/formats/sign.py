"""pyHanko signs one file, for the benchmark: see formats.ts for arguments and answer."""

import asyncio
import json
import resource
import sys
import time
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

folder, what, warm, measured = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
signer = signers.SimpleSigner.load(
    str(folder / "key.pem"), str(folder / "signer.pem"), ca_chain_files=(str(folder / "chain.pem"),)
)
metadata = signers.PdfSignatureMetadata(
    field_name="Signature1", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
)


def pades(document):
    writer = IncrementalPdfFileWriter(BytesIO(document))
    return signers.sign_pdf(writer, metadata, signer=signer).getvalue()


def cades(document):
    signed = signer.async_sign_general_data(document, "sha256", detached=True, use_cades=True)
    return asyncio.run(signed).dump()


SIGN = {"PAdES": pades, "CAdES": cades}


def once():
    signed = SIGN[what]((folder / "document.pdf").read_bytes())
    (folder / f"pyhanko.{what}").write_bytes(signed)


for _ in range(warm):
    once()
begun = time.perf_counter()
for _ in range(measured):
    once()
seconds = time.perf_counter() - begun
print(json.dumps({"seconds": seconds, "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
