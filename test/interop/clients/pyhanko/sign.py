"""pyHanko's CSCSigner, as its documentation has it used: signs a PDF, and pyHanko says what it thinks of it.

Reads one line of JSON (where the service is, which credential, which PDF, and PIN and code where they approve) and says line
by line what became of each step. Where the signer approves in his browser, it hands out the hash and is told the SAD.
"""

import asyncio
import json
import ssl
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import aiohttp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


def say(line):
    print(json.dumps(line), flush=True)


def read():
    return json.loads(sys.stdin.readline())


class ByPinAndCode(CSCAuthorizationManager):
    """credentials/authorize with the factors of an explicit credential."""

    def __init__(self, session, told, *of_credential):
        super().__init__(*of_credential)
        self.session, self.told = session, told

    async def authorize_signature(self, hash_b64s):
        body = self.format_csc_auth_request(pin=self.told["pin"], otp=self.told["otp"], hash_b64s=hash_b64s)
        url = self.csc_session_info.endpoint_url("credentials/authorize")
        async with self.session.post(url, headers=self.auth_headers, json=body, raise_for_status=True) as response:
            return self.parse_csc_auth_response(await response.json())


class ByTheSigner(CSCAuthorizationManager):
    """OAuth, which pyHanko leaves to who uses it."""

    async def authorize_signature(self, hash_b64s):
        say({"browse": "approveHash", "url": hash_b64s[0]})
        expires_at = datetime.now(tz=timezone.utc) + timedelta(seconds=60)
        return CSCAuthorizationInfo(sad=read(), expires_at=expires_at)


async def sign(told, session):
    service = CSCServiceSessionInfo(told["service"], told["credentialID"], oauth_token=told["token"])
    credential = await fetch_certs_in_csc_credential(session, service)
    say({"what": told["reads"], "passed": True, "word": f"SCAL{2 if credential.hash_pinning_required else 1}"})
    by_code = told.get("pin") is not None
    manager = ByPinAndCode(session, told, service, credential) if by_code else ByTheSigner(service, credential)
    signer = PdfSigner(
        PdfSignatureMetadata(field_name="Signature", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"),
        signer=CSCSigner(session, manager),
    )
    with open(told["pdf"], "rb") as document:
        signed = await signer.async_sign_pdf(IncrementalPdfFileWriter(document))
    Path(told["signed"]).write_bytes(signed.getbuffer())
    return credential.chain[-1]


async def verdict(path, root):
    """With the service's root for the only anchor, and nobody asked on a network."""
    with open(path, "rb") as file:
        [signature] = PdfFileReader(file).embedded_signatures
        context = ValidationContext(trust_roots=[root], allow_fetching=False)
        return await async_validate_pdf_signature(signature, context)


async def main():
    told = read()
    trust = ssl.create_default_context(cafile=told["trusted"])
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
        root = await sign(told, session)
    say({"what": told["signs"], "passed": True, "word": "signed"})
    status = await verdict(told["signed"], root)
    say({"what": told["validates"], "passed": status.bottom_line, "word": status.summary()})


asyncio.run(main())
