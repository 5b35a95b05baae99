"""pyHanko as a judge: reads one question a line (JSON) on standard input and answers each with one line.

It validates by EN 319 102-1, as `pyhanko sign adesverify` does, and never asks anybody: what is trusted, and what is
known of revocations beside the document itself, stands in the question. Which of the standard's processes applies is
said by the level that is claimed, because pyHanko detects none.
"""

import asyncio
import json
import logging
import sys
from datetime import datetime
from pathlib import Path

import time_machine
from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.sign.validation.ades import ades_basic_validation, ades_lta_validation, ades_with_time_validation
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer


def files(paths):
    return [Path(path).read_bytes() for path in paths]


def knowledge(certificates, ocsps, crls):
    return LocalKnowledge(
        known_certs=certificates,
        known_ocsps=[one for der in ocsps for one in OCSPContainer.load_multi(ocsp.OCSPResponse.load(der))],
        known_crls=[CRLContainer(crl.CertificateList.load(der)) for der in crls],
    )


def of_question(question):
    return knowledge([], files(question["ocsp"]), files(question["crl"]))


def of_document(reader):
    """What the process with time does not take from a PDF by itself; the archival process does."""
    store = DocumentSecurityStore.read_dss(reader)
    streams = lambda references: [reference.get_object().data for reference in references]
    return knowledge(list(store.load_certs()), streams(store.ocsps), streams(store.crls))


def specification(question, known):
    """What `adesverify` uses, with nothing fetched."""
    anchors = [x509.Certificate.load(der) for der in files(question["anchors"])]
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=anchors),
        revinfo_policy=CertRevTrustPolicy(
            REQUIRE_REVINFO,
            freshness=None,
            freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
        ),
    )
    return SignatureValidationSpec(
        cert_validation_policy=policy,
        revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        local_knowledge=known,
    )


def timing(question):
    at = datetime.fromisoformat(question["at"])
    return ValidationTimingInfo(at, at, point_in_time_validation=True)


def basic(signature, question):
    return of_cms(ades_basic_validation, signature, question, of_question(question))


def with_time(signature, question):
    return of_cms(ades_with_time_validation, signature, question, of_question(question))


def with_time_and_store(signature, question):
    return of_cms(ades_with_time_validation, signature, question, of_document(signature.reader))


def of_cms(process, signature, question, known):
    return process(
        signature.signed_data,
        specification(question, known),
        timing_info=timing(question),
        raw_digest=signature.compute_digest(),
    )


def archival(signature, question):
    spec = PdfSignatureValidationSpec(specification(question, of_question(question)))
    return ades_lta_validation(signature, spec, timing_info=timing(question))


PROCESSES = {"B-B": basic, "B-T": with_time, "B-LT": with_time_and_store, "B-LTA": archival}


async def judged(signature, question):
    integrity = signature.summarise_integrity_info()
    result = await PROCESSES[question["level"]](signature, question)
    return {
        "indication": result.ades_subindic.status.name,
        "subIndication": result.ades_subindic.standard_name,
        "coverage": integrity["coverage"].name,
        "changesAllowed": integrity["docmdp_ok"],
        "archived": getattr(result, "oldest_evidence_record_timestamp", None) is not None,
        "errors": [] if result.failure_msg is None else [result.failure_msg],
    }


async def of_pdf(question):
    """Strictly, and where it cannot be read so, as `--no-strict-syntax` does: hybrid files among others."""
    try:
        return await read(question, strict=True)
    except (PdfStrictReadError, SignatureValidationError):
        return await read(question, strict=False)


async def read(question, strict):
    with open(question["path"], "rb") as file:
        reader = PdfFileReader(file, strict=strict)
        if question.get("password") is not None:
            reader.decrypt(question["password"])
        signatures = list(reader.embedded_regular_signatures)
        for signature in signatures:
            signature.compute_integrity_info()
        return [{**await judged(one, question), "strict": strict} for one in signatures]


def answer(question):
    """Its clock is set, too: it asks how late it is in more places than it can be told in."""
    try:
        with time_machine.travel(datetime.fromisoformat(question["at"]), tick=False):
            return {"id": question["id"], "signatures": asyncio.run(of_pdf(question))}
    except Exception as error:
        return {"id": question["id"], "cannot": f"{type(error).__name__}: {error}"}


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
