// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AttestationRegistry} from "../../../contracts/attestation/AttestationRegistry.sol";
import {EvidenceRouter} from "../../../contracts/attestation/EvidenceRouter.sol";
import {ReferenceValues} from "../../../contracts/attestation/ReferenceValues.sol";
import {IAppraisalPolicy} from "../../../contracts/interfaces/IAppraisalPolicy.sol";
import {IAssetRegistry} from "../../../contracts/interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../../../contracts/interfaces/IAttestationRegistry.sol";
import {IEvidenceRouter} from "../../../contracts/interfaces/IEvidenceRouter.sol";
import {IEvidenceVerifier} from "../../../contracts/interfaces/IEvidenceVerifier.sol";
import {IChannelEscrow} from "../../../contracts/interfaces/IChannelEscrow.sol";
import {AssetRegistry} from "../../../contracts/market/AssetRegistry.sol";
import {ChannelEscrow} from "../../../contracts/market/ChannelEscrow.sol";
import {KeyReleases} from "../../../contracts/market/KeyReleases.sol";
import {Ledger} from "../../../contracts/market/Ledger.sol";
import {Governance} from "../../../contracts/periphery/Governance.sol";
import {TestToken} from "../../../contracts/periphery/dev/TestToken.sol";
import {ClaimFlags} from "../../../contracts/types/ClaimFlags.sol";
import {
    Claims,
    Keyset,
    Receipt,
    TcbStatus,
    TeeKind,
    TrustTier,
    Voucher
} from "../../../contracts/types/ProtocolTypes.sol";
import {ScriptedVerifier} from "./ScriptedVerifier.sol";
import {TestBase} from "./TestBase.sol";

/// One world with a listed asset, a registered provider and a payer with money, for tests of registry and market.
abstract contract MarketWorld is TestBase {
    uint256 internal constant RECEIPT_KEY = 0xA11CE;
    uint256 internal constant VOUCHER_KEY = 0xB0B;
    uint256 internal constant START = 1_800_000_000;
    uint128 internal constant PRICE_IN = 3;
    uint128 internal constant PRICE_OUT = 7;
    uint16 internal constant OWNER_SHARE_BPS = 6_000;
    uint16 internal constant PROTOCOL_SHARE_BPS = 250;
    uint64 internal constant TTL = 7 days;
    uint64 internal constant GRACE = 72 hours;
    bytes32 internal constant WORKLOAD = "workload";
    bytes32 internal constant MEASUREMENT = "measurement";
    bytes32 internal constant CONTENT_ROOT = "content root";

    address internal constant OWNER = address(0x0101);
    address internal constant OPERATOR = address(0x0202);
    address internal constant ASSET_OWNER = address(0x0303);
    address internal constant PAYER = address(0x0404);
    address internal constant TREASURY = address(0x0505);
    address internal constant STRANGER = address(0x0606);

    TestToken internal token;
    ScriptedVerifier internal verifier;
    Governance internal governance;
    ReferenceValues internal referenceValues;
    AssetRegistry internal assets;
    EvidenceRouter internal router;
    AttestationRegistry internal registry;
    KeyReleases internal keyReleases;
    Ledger internal ledger;
    ChannelEscrow internal escrow;
    bytes32 internal providerId;
    uint256 internal assetId;

    function deployWorld() internal {
        vm.warp(START);
        vm.roll(1_000);
        token = TestToken(deployArtifact("periphery/dev/TestToken.sol:TestToken", ""));
        verifier = new ScriptedVerifier();
        governance = Governance(deployArtifact("periphery/Governance.sol:Governance", abi.encode(address(this))));
        referenceValues = newReferenceValues(0, true);
        assets = AssetRegistry(deployArtifact("market/AssetRegistry.sol:AssetRegistry", ""));
        router = newRouter(0, true);
        registry = newRegistry(true);
        keyReleases =
            KeyReleases(deployArtifact("market/KeyReleases.sol:KeyReleases", abi.encode(assets, registry)));
        address[] memory escrows = new address[](1);
        // The ledger takes this contract's next nonce, the escrow the one after.
        escrows[0] = _createdAt(_nonce() + 1);
        ledger = Ledger(deployArtifact("market/Ledger.sol:Ledger", abi.encode(escrows)));
        escrow = newEscrow(TREASURY, PROTOCOL_SHARE_BPS);
        require(address(escrow) == escrows[0], NotTrue("escrow address predicted"));
        referenceValues.propose(MEASUREMENT, WORKLOAD, 0, 0);
    }

    function populate() internal {
        assetId = listAsset();
        providerId = registerNext();
        fund(PAYER, 1_000_000);
    }

    function newEscrow(address treasury, uint16 shareBps) internal returns (ChannelEscrow) {
        bytes memory args = abi.encode(ledger, assets, registry, treasury, shareBps);
        return ChannelEscrow(deployArtifact("market/ChannelEscrow.sol:ChannelEscrow", args));
    }

    function newReferenceValues(uint64 timelock, bool devMode) internal returns (ReferenceValues) {
        bytes memory args = abi.encode(governance, timelock, devMode);
        return ReferenceValues(deployArtifact("attestation/ReferenceValues.sol:ReferenceValues", args));
    }

    /// The scripted verifier for TDX alone.
    function newRouter(uint64 timelock, bool devMode) internal returns (EvidenceRouter) {
        IEvidenceRouter.ModuleSetting[] memory modules = new IEvidenceRouter.ModuleSetting[](1);
        modules[0] = moduleSetting(TeeKind.Tdx, verifier);
        IAppraisalPolicy.KindRule[] memory kinds = new IAppraisalPolicy.KindRule[](1);
        kinds[0] = IAppraisalPolicy.KindRule(TeeKind.Tdx, tdxPolicy());
        IAppraisalPolicy.ProductRule[] memory products = new IAppraisalPolicy.ProductRule[](0);
        bytes memory args = abi.encode(governance, timelock, devMode, modules, kinds, products);
        return EvidenceRouter(deployArtifact("attestation/EvidenceRouter.sol:EvidenceRouter", args));
    }

    function moduleSetting(TeeKind kind, IEvidenceVerifier module)
        internal
        pure
        returns (IEvidenceRouter.ModuleSetting memory)
    {
        bytes4[] memory inconclusive = new bytes4[](1);
        inconclusive[0] = ScriptedVerifier.DcapTcbInfoExpired.selector;
        bytes4[] memory outdated = new bytes4[](1);
        outdated[0] = ScriptedVerifier.DcapTcbStatusNotAccepted.selector;
        return IEvidenceRouter.ModuleSetting(kind, module, 6_000, inconclusive, outdated);
    }

    function tdxPolicy() internal pure returns (IAppraisalPolicy.KindPolicy memory) {
        return IAppraisalPolicy.KindPolicy({
            acceptedTcbStatuses: uint16(1 << uint8(TcbStatus.UpToDate) | 1 << uint8(TcbStatus.SWHardeningNeeded)),
            minTcbEvaluationNumber: 17,
            deniedFlags: ClaimFlags.DEBUG | ClaimFlags.MIGRATABLE,
            defaultTier: TrustTier.Standard,
            allowListOnly: false
        });
    }

    function newRegistry(bool devMode) internal returns (AttestationRegistry) {
        bytes memory args = abi.encode(router, referenceValues, assets, devMode, TTL, GRACE);
        return AttestationRegistry(deployArtifact("attestation/AttestationRegistry.sol:AttestationRegistry", args));
    }

    function fund(address user, uint256 amount) internal {
        token.faucet(user, amount);
        vm.startPrank(user);
        token.approve(address(ledger), amount);
        ledger.deposit(address(token), amount);
        vm.stopPrank();
    }

    function assetVersion() internal view returns (IAssetRegistry.AssetVersion memory version) {
        version.manifestHash = "manifest";
        version.contentRoot = CONTENT_ROOT;
        version.manifestUri = "https://example.invalid/manifest.json";
        version.terms = IAssetRegistry.Terms(address(token), PRICE_IN, PRICE_OUT, OWNER_SHARE_BPS);
        version.acceptedTeeKinds = uint16(1 << uint8(TeeKind.Tdx));
        version.acceptedWorkloads = new bytes32[](1);
        version.acceptedWorkloads[0] = WORKLOAD;
    }

    function listAsset() internal returns (uint256) {
        IAssetRegistry.AssetVersion memory version = assetVersion();
        vm.prank(ASSET_OWNER);
        return assets.list(IAssetRegistry.AssetKind.Model, "trend", version);
    }

    function keysetOf(uint64 epoch) internal view returns (Keyset memory) {
        return Keyset({
            chainId: block.chainid,
            registry: address(registry),
            owner: OWNER,
            operator: OPERATOR,
            epoch: epoch,
            receiptSigner: abi.encodePacked(vm.addr(RECEIPT_KEY)),
            hpkeKeyDigest: "hpke",
            tlsSpkiDigest: 0,
            workloadId: WORKLOAD,
            configDigest: "config",
            notAfter: uint64(block.timestamp) + 365 days
        });
    }

    /// A registration that passes every check, and the claims scripted to match it.
    function registrationOf(Keyset memory keyset)
        internal
        view
        returns (IAttestationRegistry.Registration memory registration, Claims memory claims)
    {
        uint64 challengeBlock = uint64(block.number) - 1;
        bytes32 digest = registry.keysetDigestOf(keyset);
        bytes32 challenge = registry.challengeOf(challengeBlock, keyset.epoch);
        registration = IAttestationRegistry.Registration({
            keyset: keyset,
            teeKind: TeeKind.Tdx,
            evidence: "evidence",
            challengeBlock: challengeBlock,
            possessionSignature: signWith(RECEIPT_KEY, registry.registerDigestOf(digest, challenge)),
            endpoint: "http://127.0.0.1:1"
        });
        claims = Claims({
            teeKind: TeeKind.Tdx,
            simulated: true,
            tcbStatus: TcbStatus.UpToDate,
            tcbEvaluationNumber: 17,
            flags: 0,
            tcb: 0,
            product: "product",
            platformId: "platform",
            measurement: MEASUREMENT,
            reportDataHigh: digest,
            reportDataLow: challenge,
            earliestExpiry: uint64(block.timestamp) + 30 days
        });
    }

    function registerNext() internal returns (bytes32) {
        uint64 epoch = registry.recordOf(registry.providerIdOf(OWNER, OPERATOR)).epoch + 1;
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(epoch));
        verifier.setClaims(claims);
        vm.prank(OWNER);
        return registry.register(registration);
    }

    function openParams(bytes32 salt) internal view returns (IChannelEscrow.OpenParams memory) {
        return IChannelEscrow.OpenParams({
            providerId: providerId,
            assetId: assetId,
            assetVersion: 1,
            deposit: 10_000,
            voucherSigner: abi.encodePacked(vm.addr(VOUCHER_KEY)),
            closeDelaySeconds: 1 hours,
            expiresAt: uint64(block.timestamp) + 1 days,
            salt: salt,
            maxPricePerUnitIn: PRICE_IN,
            maxPricePerUnitOut: PRICE_OUT
        });
    }

    function openChannel(bytes32 salt) internal returns (bytes32) {
        IChannelEscrow.OpenParams memory params = openParams(salt);
        vm.prank(PAYER);
        return escrow.open(params);
    }

    function receiptOf(bytes32 channelId, uint64 seq, uint128 cumulativeFee, uint64 unitsIn, uint64 unitsOut)
        internal
        view
        returns (Receipt memory receipt)
    {
        receipt.providerId = providerId;
        receipt.keysetEpoch = 1;
        receipt.channelId = channelId;
        receipt.seq = seq;
        receipt.assetId = assetId;
        receipt.assetVersion = 1;
        receipt.modelRoot = CONTENT_ROOT;
        receipt.unitsIn = unitsIn;
        receipt.unitsOut = unitsOut;
        receipt.cumulativeFee = cumulativeFee;
        receipt.startedAt = uint64(block.timestamp);
        receipt.finishedAt = uint64(block.timestamp);
    }

    function voucherOf(bytes32 channelId, uint64 seq, uint128 cumulativeMax) internal view returns (Voucher memory) {
        return Voucher(channelId, cumulativeMax, seq, uint64(block.timestamp) + 1 hours);
    }

    function signed(Receipt memory receipt, Voucher memory voucher)
        internal
        view
        returns (IChannelEscrow.SettleItem memory)
    {
        return IChannelEscrow.SettleItem({
            receipt: receipt,
            receiptSignature: signWith(RECEIPT_KEY, escrow.receiptDigest(receipt)),
            voucher: voucher,
            voucherSignature: signWith(VOUCHER_KEY, escrow.voucherDigest(voucher))
        });
    }

    function batchOf(IChannelEscrow.SettleItem memory item)
        internal
        pure
        returns (IChannelEscrow.SettleItem[] memory items)
    {
        items = new IChannelEscrow.SettleItem[](1);
        items[0] = item;
    }

    /// Number of contracts this one has made: eight in deployWorld before the ledger, plus one (nonces of contracts start at 1).
    function _nonce() private pure returns (uint8) {
        return 9;
    }

    /// Address of the contract made with a nonce below 0x80 (RLP of [sender, nonce]).
    function _createdAt(uint8 nonce) private view returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", address(this), nonce)))));
    }
}
