"""The ledger's word for the record: its head is a leaf of the tree whose root a signed checkpoint names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from hazard_flow.ledger.canonical import canonical
from hazard_flow.ledger.keys import ALGORITHM, fingerprint
from hazard_flow.ledger.merkle import verify_inclusion
from hazard_flow.reports.verifying.findings import Finding, fine, unjudged, wrong


def check_proof(record: Mapping[str, Any], known: Sequence[x509.Certificate]) -> Iterator[Finding]:
    """Findings on proof and checkpoint; `known` are the certificates whose signature on a checkpoint can be judged."""
    proof, checkpoint = record.get("proof"), record.get("checkpoint")
    if proof is None and checkpoint is None:
        yield unjudged("proof", "proof_absent")
        return
    if not isinstance(proof, Mapping) or not isinstance(checkpoint, Mapping):
        yield wrong("proof", "proof_unreadable")
        return
    try:
        holds = checkpoint["size"] == proof["tree_size"] and verify_inclusion(
            leaf=bytes.fromhex(record["head"]),
            index=proof["leaf_index"],
            size=proof["tree_size"],
            path=[bytes.fromhex(one) for one in proof["path"]],
            against=bytes.fromhex(checkpoint["root"]),
        )
    except (KeyError, TypeError, ValueError):
        yield wrong("proof", "proof_unreadable")
        return
    if not holds:
        yield wrong("proof", "proof_fails", index=proof["leaf_index"], size=proof["tree_size"])
        return
    yield fine("proof", "proof_holds", index=proof["leaf_index"], size=proof["tree_size"])
    yield _signature(checkpoint, known)


def _signature(checkpoint: Mapping[str, Any], known: Sequence[x509.Certificate]) -> Finding:
    signature = checkpoint.get("signature")
    if signature is None:
        return unjudged("proof", "checkpoint_unsigned")
    signer = next((one for one in known if fingerprint(one) == checkpoint.get("key_id")), None)
    if signer is None or checkpoint.get("alg", ALGORITHM) != ALGORITHM:
        return unjudged("proof", "checkpoint_key_unknown", key_id=str(checkpoint.get("key_id"))[:64])
    public = signer.public_key()
    signed = canonical({name: value for name, value in checkpoint.items() if name != "signature"})
    try:
        assert isinstance(public, RSAPublicKey)
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        public.verify(bytes.fromhex(signature), signed, pss, hashes.SHA256())
    except (AssertionError, InvalidSignature, ValueError, TypeError):
        return wrong("proof", "checkpoint_forged", key_id=checkpoint["key_id"])
    return fine("proof", "checkpoint_signed", key_id=checkpoint["key_id"])
