// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TeeKind} from "../types/ProtocolTypes.sol";

/// @notice Intel's endorsements (certificates, CRLs, TCB info, QE identity), uploaded by anyone, verified on upload.
/// @dev Proves of every stored fact: it is signed, down from a pinned root, was inside its validity and not revoked when it
///      came in. Reading checks the validity and revocation of the whole ancestry again, at block.timestamp.
///      Facts live under their root: nothing signed below the simulation root is ever used for an Intel certificate.
///      Of two certificates of one issuer key, or two documents of the same issue date and evaluation number, the one that ends
///      later stays: an upload of the other changes nothing and says so by emitting no event.
///      Nothing goes back: an older CRL, issue date or TCB evaluation number is refused, and a revocation stays for ever.
///      Does NOT prove: that a newer CRL or TCB info does not exist within the validity of the stored one.
///      Uploads in this order: root, root CRL, PCK CA, PCK CRL, PCK, TCB signer, TCB info, QE identity.
interface IEndorsementStore {
    /// @notice All that a quote of one PCK certificate is judged by.
    struct Endorsements {
        /// True when the chain ends in the simulation root.
        bool simulated;
        /// Unix seconds: the earliest end of validity of the certificates, CRLs and documents used.
        uint64 earliestExpiry;
        uint32 tcbInfoEvaluationNumber;
        uint32 qeIdentityEvaluationNumber;
        /// PCK public key.
        bytes32 pckX;
        bytes32 pckY;
        /// keccak256(PPID).
        bytes32 platformId;
        bytes6 fmspc;
        /// SVN of the 16 SGX components, as certified.
        bytes16 sgxComponents;
        uint16 pceSvn;
        uint16 pceId;
        /// PCEID the TCB info is for.
        uint16 tcbInfoPceId;
        /// Packed TCB info (docs/specs/dcap-onchain.md).
        bytes tcbInfo;
        /// Packed QE identity (docs/specs/dcap-onchain.md).
        bytes qeIdentity;
    }

    event RootUploaded(bytes32 indexed rootId, bool simulated, uint64 notAfter);
    event CrlUploaded(bytes32 indexed issuerId, uint64 thisUpdate, uint64 nextUpdate);
    event CertificateRevoked(bytes32 indexed issuerId, uint256 indexed serial, uint64 revokedAt);
    /// @param done Bytes of the CRL's entries gone through. @param total All of them.
    event RevocationsRecorded(bytes32 indexed issuerId, bytes32 indexed tbsHash, uint256 done, uint256 total);
    event PckCaUploaded(bytes32 indexed rootId, bytes32 indexed caId, uint64 notAfter);
    event PckUploaded(bytes32 indexed caId, bytes32 indexed pckId, bytes32 indexed platformId, bytes6 fmspc, uint64 notAfter);
    event TcbSignerUploaded(bytes32 indexed rootId, bytes32 indexed signerId, uint64 notAfter);
    event TcbInfoUploaded(
        bytes32 indexed rootId,
        TeeKind indexed kind,
        bytes6 indexed fmspc,
        uint32 evaluationNumber,
        uint64 issueDate,
        uint64 nextUpdate
    );
    event QeIdentityUploaded(
        bytes32 indexed rootId, TeeKind indexed kind, uint32 evaluationNumber, uint64 issueDate, uint64 nextUpdate
    );

    /// @param certificate DER. @return rootId keccak256(public key x ‖ y).
    function uploadRootCertificate(bytes calldata certificate) external returns (bytes32 rootId);
    function uploadRootCrl(bytes32 rootId, bytes calldata crl) external;
    /// @return caId keccak256(rootId ‖ public key x ‖ y).
    function uploadPckCa(bytes32 rootId, bytes calldata certificate) external returns (bytes32 caId);
    /// @dev About 29 k gas per new entry: a CRL with more than 150 of them comes in with recordRevocations first.
    function uploadPckCrl(bytes32 caId, bytes calldata crl) external;
    /// @notice Stores the next `count` revocations of a valid CRL without replacing the stored CRL's window. Each call goes on where
    ///         the last one stopped in this CRL, and so does uploadPckCrl.
    function recordRevocations(bytes32 caId, bytes calldata crl, uint256 count) external;
    /// @return pckId keccak256(caId ‖ keccak256(certificate)).
    function uploadPck(bytes32 caId, bytes calldata certificate) external returns (bytes32 pckId);
    /// @return signerId keccak256(rootId ‖ keccak256(certificate)).
    function uploadTcbSigner(bytes32 rootId, bytes calldata certificate) external returns (bytes32 signerId);
    /// @param kind Tdx or Sgx: what the document has to be for. @param body Exact signed JSON text. @param signature r ‖ s.
    function uploadTcbInfo(TeeKind kind, bytes32 signerId, bytes calldata body, bytes calldata signature) external;
    function uploadQeIdentity(TeeKind kind, bytes32 signerId, bytes calldata body, bytes calldata signature) external;

    /// @notice Everything needed to judge a quote of this PCK certificate. Reverts with what is missing, expired or revoked.
    /// @param kind Tdx or Sgx: whose TCB info and QE identity.
    function endorsementsOf(TeeKind kind, bytes32 pckId) external view returns (Endorsements memory);
    /// @notice When the certificate was revoked by its issuer (root or PCK CA id), Unix seconds; zero if it was not.
    function revokedAt(bytes32 issuerId, uint256 serial) external view returns (uint64);
}
