// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAppraisalErrors} from "../../../../contracts/interfaces/IAppraisalErrors.sol";
import {IAppraisalPolicy} from "../../../../contracts/interfaces/IAppraisalPolicy.sol";
import {IDcapErrors} from "../../../../contracts/interfaces/IDcapErrors.sol";
import {IEvidenceRouter} from "../../../../contracts/interfaces/IEvidenceRouter.sol";
import {ClaimFlags} from "../../../../contracts/types/ClaimFlags.sol";
import {Claims, TcbStatus, TeeKind, TrustTier} from "../../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";

/// What the policy accepts, refuses with which code, and what a refusal means for a record.
contract PolicyTest is MarketWorld {
    bytes32 private constant GENOA = "Genoa";
    bytes32 private constant TURIN = "Turin";
    /// Bootloader 10, TEE 0, SNP 24, microcode 12.
    bytes8 private constant GENOA_TCB = 0x0a0000000000180c;
    /// FMC 1, bootloader 3, TEE 0, SNP 4, microcode 72.
    bytes8 private constant TURIN_TCB = 0x0103000400000048;

    function setUp() public {
        deployWorld();
        IAppraisalPolicy.KindPolicy memory snp;
        snp.deniedFlags = ClaimFlags.DEBUG | ClaimFlags.MIGRATABLE | ClaimFlags.CXL_ALLOWED;
        router.setKindPolicy(TeeKind.SevSnp, snp);
        router.setProductPolicy(TeeKind.SevSnp, GENOA, _product(TrustTier.Standard, GENOA_TCB));
        router.setProductPolicy(TeeKind.SevSnp, TURIN, _product(TrustTier.Standard, TURIN_TCB));
        router.setProductPolicy(TeeKind.SevSnp, "Milan", _product(TrustTier.Low, GENOA_TCB));
    }

    function test_tierOf_Accepts() public {
        assertEq(uint8(router.tierOf(_tdx())), uint8(TrustTier.Standard), "TDX");
        assertEq(uint8(router.tierOf(_snp(GENOA, GENOA_TCB))), uint8(TrustTier.Standard), "Genoa");
        assertEq(uint8(router.tierOf(_snp("Milan", GENOA_TCB))), uint8(TrustTier.Low), "Milan");
        Claims memory claims = _tdx();
        claims.simulated = true;
        assertEq(uint8(router.tierOf(claims)), uint8(TrustTier.Simulated), "simulated");
        claims = _tdx();
        claims.tcbStatus = TcbStatus.SWHardeningNeeded;
        router.tierOf(claims);
        // A key shared by many machines is worth less than the product's own.
        claims = _snp(GENOA, GENOA_TCB);
        claims.flags = ClaimFlags.SHARED_KEY;
        assertEq(uint8(router.tierOf(claims)), uint8(TrustTier.Low), "shared key");
    }

    function test_tierOf_RefusesIntelStatuses() public {
        Claims memory claims = _tdx();
        claims.tcbEvaluationNumber = 16;
        _refuses(
            claims,
            abi.encodeWithSelector(IDcapErrors.DcapTcbEvaluationNumberTooLow.selector, 17, 16),
            IEvidenceRouter.Outcome.Inconclusive
        );
        for (uint8 status = 0; status <= uint8(TcbStatus.Revoked); status++) {
            if (status == uint8(TcbStatus.UpToDate) || status == uint8(TcbStatus.SWHardeningNeeded)) continue;
            claims = _tdx();
            claims.tcbStatus = TcbStatus(status);
            if (status == uint8(TcbStatus.Revoked)) {
                bytes memory revoked = abi.encodeWithSelector(IDcapErrors.DcapTcbRevoked.selector);
                _refuses(claims, revoked, IEvidenceRouter.Outcome.Wrong);
            } else {
                bytes memory status_ = abi.encodeWithSelector(IDcapErrors.DcapTcbStatusNotAccepted.selector, status);
                _refuses(claims, status_, IEvidenceRouter.Outcome.Outdated);
            }
        }
    }

    /// Bits for Unknown and Revoked open nothing.
    function test_tierOf_NeverAcceptsUnknownOrRevoked() public {
        IAppraisalPolicy.KindPolicy memory policy = tdxPolicy();
        policy.acceptedTcbStatuses = type(uint16).max;
        router.setKindPolicy(TeeKind.Tdx, policy);
        Claims memory claims = _tdx();
        claims.tcbStatus = TcbStatus.Unknown;
        vm.expectRevert(
            abi.encodeWithSelector(IDcapErrors.DcapTcbStatusNotAccepted.selector, TcbStatus.Unknown)
        );
        router.tierOf(claims);
        claims.tcbStatus = TcbStatus.Revoked;
        vm.expectRevert(abi.encodeWithSelector(IDcapErrors.DcapTcbRevoked.selector));
        router.tierOf(claims);
    }

    function test_tierOf_RefusesFlagsByTheVendorsName() public {
        Claims memory claims = _tdx();
        claims.flags = ClaimFlags.DEBUG | ClaimFlags.MIGRATABLE;
        _refuses(claims, abi.encodeWithSelector(IDcapErrors.DcapTdDebug.selector), IEvidenceRouter.Outcome.Wrong);
        claims.flags = ClaimFlags.MIGRATABLE;
        bytes memory serviceTd = abi.encodeWithSelector(IDcapErrors.DcapServiceTdNotAccepted.selector);
        _refuses(claims, serviceTd, IEvidenceRouter.Outcome.Wrong);
        claims = _snp(GENOA, GENOA_TCB);
        claims.flags = ClaimFlags.DEBUG;
        _refusesTier(claims, abi.encodeWithSelector(IAppraisalErrors.SnpDebugAllowed.selector));
        claims.flags = ClaimFlags.MIGRATABLE | ClaimFlags.CXL_ALLOWED;
        _refusesTier(claims, abi.encodeWithSelector(IAppraisalErrors.SnpMigrationAgentAllowed.selector));
        claims.flags = ClaimFlags.CXL_ALLOWED;
        _refusesTier(claims, abi.encodeWithSelector(IAppraisalErrors.SnpCxlAllowed.selector));
        // Not denied: passes.
        claims.flags = ClaimFlags.SMT_ALLOWED;
        router.tierOf(claims);
    }

    /// Every kind's debug flag and every flag of SEV-SNP has the name that packages/attestation gives it.
    function test_tierOf_NamesEveryFlag() public {
        bytes4[6] memory debug = [
            IDcapErrors.DcapTdDebug.selector,
            IAppraisalErrors.DcapEnclaveDebug.selector,
            IAppraisalErrors.SnpDebugAllowed.selector,
            IAppraisalErrors.CcaLifecycleNotAccepted.selector,
            IAppraisalErrors.NitroDebugMode.selector,
            IAppraisalErrors.NvidiaDebugNotExcluded.selector
        ];
        IAppraisalPolicy.KindPolicy memory policy = tdxPolicy();
        policy.deniedFlags = type(uint32).max;
        Claims memory claims = _tdx();
        claims.flags = ClaimFlags.DEBUG;
        for (uint8 kind = 1; kind <= 6; kind++) {
            claims.teeKind = TeeKind(kind);
            router.setKindPolicy(claims.teeKind, policy);
            _refusesTier(claims, abi.encodeWithSelector(debug[kind - 1]));
        }
        claims.teeKind = TeeKind.Nitro;
        claims.flags = ClaimFlags.SMT_ALLOWED;
        _refusesTier(
            claims,
            abi.encodeWithSelector(
                IAppraisalErrors.RegistryFlagsNotAccepted.selector, TeeKind.Nitro, ClaimFlags.SMT_ALLOWED
            )
        );
        bytes4[13] memory snp = [
            IAppraisalErrors.SnpDebugAllowed.selector,
            IAppraisalErrors.SnpMigrationAgentAllowed.selector,
            IAppraisalErrors.SnpVlekNotAllowed.selector,
            IAppraisalErrors.SnpSmtAllowed.selector,
            IAppraisalErrors.SnpAliasCheckIncomplete.selector,
            IAppraisalErrors.SnpFirmwareProvisional.selector,
            IAppraisalErrors.SnpLaunchTcbBelowMinimum.selector,
            IAppraisalErrors.SnpCxlAllowed.selector,
            IAppraisalErrors.SnpPageSwapAllowed.selector,
            IAppraisalErrors.SnpSingleSocketNotRequired.selector,
            IAppraisalErrors.SnpAes256XtsNotRequired.selector,
            IAppraisalErrors.SnpRaplOn.selector,
            IAppraisalErrors.SnpCiphertextHidingOff.selector
        ];
        claims = _snp(GENOA, GENOA_TCB);
        for (uint32 bit = 0; bit < 13; bit++) {
            claims.flags = uint32(1) << bit;
            _refusesTier(claims, abi.encodeWithSelector(snp[bit]));
        }
    }

    /// Each byte on its own, in the order of each product; more in one component does not pay for less in another.
    function test_tierOf_ComparesTcbByComponent() public {
        bytes8[4] memory below =
            [bytes8(0x090000000000ffff), 0xff0000000000170c, 0xff00000000001f0b, 0xffffffffffff00ff];
        for (uint256 i = 0; i < below.length; i++) {
            _refusesTier(
                _snp(GENOA, below[i]),
                abi.encodeWithSelector(IAppraisalErrors.SnpTcbBelowMinimum.selector, GENOA_TCB, below[i])
            );
        }
        router.tierOf(_snp(GENOA, 0x0a0100000000180c));
        bytes8 older = 0x0003000400000048;
        _refusesTier(
            _snp(TURIN, older), abi.encodeWithSelector(IAppraisalErrors.SnpTcbBelowMinimum.selector, TURIN_TCB, older)
        );
        router.tierOf(_snp(TURIN, TURIN_TCB));
    }

    /// Driver first, as clients do.
    function test_tierOf_NamesWhatOfAGpuIsBelow() public {
        bytes8 minimum = 0x3200000060000000;
        router.setProductPolicy(TeeKind.NvidiaGpu, "GH100", _product(TrustTier.Standard, minimum));
        Claims memory claims = _snp("GH100", 0x310000005f000000);
        claims.teeKind = TeeKind.NvidiaGpu;
        bytes4 driver = IAppraisalErrors.NvidiaDriverVersionNotAccepted.selector;
        _refusesTier(claims, abi.encodeWithSelector(driver, minimum, claims.tcb));
        claims.tcb = 0x320000005fffffff;
        bytes4 vbios = IAppraisalErrors.NvidiaVbiosVersionNotAccepted.selector;
        _refusesTier(claims, abi.encodeWithSelector(vbios, minimum, claims.tcb));
        claims.tcb = minimum;
        router.tierOf(claims);
    }

    function testFuzz_tierOf_TcbIsAcceptedExactlyWhenNoByteIsBelow(bytes8 minimum, bytes8 reported) public {
        router.setProductPolicy(TeeKind.SevSnp, GENOA, _product(TrustTier.Standard, minimum));
        Claims memory claims = _snp(GENOA, reported);
        bool below;
        for (uint256 i = 0; i < 8; i++) {
            below = below || uint8(bytes1(reported << (8 * i))) < uint8(bytes1(minimum << (8 * i)));
        }
        if (below) {
            vm.expectRevert(
                abi.encodeWithSelector(IAppraisalErrors.SnpTcbBelowMinimum.selector, minimum, reported)
            );
        }
        router.tierOf(claims);
    }

    function test_tierOf_RefusesProducts() public {
        bytes4 selector = IAppraisalErrors.SnpProductNotAllowed.selector;
        _refusesTier(_snp("Venice", GENOA_TCB), abi.encodeWithSelector(selector, bytes32("Venice")));
        // A kind without any rule accepts nothing.
        Claims memory claims = _tdx();
        claims.teeKind = TeeKind.Nitro;
        _refusesTier(
            claims,
            abi.encodeWithSelector(
                IAppraisalErrors.RegistryProductNotAccepted.selector, TeeKind.Nitro, claims.product
            )
        );
        // One product of an open kind.
        claims = _tdx();
        IAppraisalPolicy.ProductPolicy memory refused;
        refused.refused = true;
        router.setProductPolicy(TeeKind.Tdx, claims.product, refused);
        bytes memory failure =
            abi.encodeWithSelector(IAppraisalErrors.DcapProductNotAccepted.selector, claims.product);
        _refuses(claims, failure, IEvidenceRouter.Outcome.Outdated);
        refused.refused = false;
        router.setProductPolicy(TeeKind.Tdx, claims.product, refused);
        router.tierOf(claims);
    }

    function test_tierOf_DeniesAndAllowsPlatforms() public {
        Claims memory claims = _tdx();
        IAppraisalPolicy.KindPolicy memory policy = tdxPolicy();
        policy.allowListOnly = true;
        router.setKindPolicy(TeeKind.Tdx, policy);
        bytes memory failure =
            abi.encodeWithSelector(IAppraisalErrors.DcapPlatformNotAccepted.selector, claims.platformId);
        _refuses(claims, failure, IEvidenceRouter.Outcome.Outdated);
        router.allowPlatform(claims.platformId, true);
        router.tierOf(claims);
        // Denied wins over allowed.
        router.denyPlatform(claims.platformId);
        _refuses(claims, failure, IEvidenceRouter.Outcome.Wrong);
        router.pardonPlatform(claims.platformId);
        router.tierOf(claims);
        // Evidence without a platform is on no list.
        claims.platformId = 0;
        _refusesTier(
            claims, abi.encodeWithSelector(IAppraisalErrors.DcapPlatformNotAccepted.selector, bytes32(0))
        );
        Claims memory snp = _snp(GENOA, GENOA_TCB);
        snp.platformId = "chip";
        router.denyPlatform(snp.platformId);
        _refusesTier(snp, abi.encodeWithSelector(IAppraisalErrors.SnpPlatformDenied.selector, snp.platformId));
        router.pardonPlatform(snp.platformId);
        IAppraisalPolicy.ProductPolicy memory listed = _product(TrustTier.Standard, GENOA_TCB);
        listed.allowListOnly = true;
        router.setProductPolicy(TeeKind.SevSnp, GENOA, listed);
        _refusesTier(snp, abi.encodeWithSelector(IAppraisalErrors.SnpPlatformNotAllowed.selector, snp.platformId));
        router.tierOf(_snp(TURIN, TURIN_TCB));
    }

    function test_setPolicies_RevertWhen_Invalid() public {
        IAppraisalPolicy.KindPolicy memory kind = tdxPolicy();
        bytes4 selector = IAppraisalPolicy.RegistryPolicyInvalid.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, TeeKind.None, TrustTier.Standard));
        router.setKindPolicy(TeeKind.None, kind);
        kind.defaultTier = TrustTier.Simulated;
        vm.expectRevert(abi.encodeWithSelector(selector, TeeKind.Tdx, TrustTier.Simulated));
        router.setKindPolicy(TeeKind.Tdx, kind);
        IAppraisalPolicy.ProductPolicy memory product = _product(TrustTier.None, GENOA_TCB);
        vm.expectRevert(abi.encodeWithSelector(selector, TeeKind.SevSnp, TrustTier.None));
        router.setProductPolicy(TeeKind.SevSnp, GENOA, product);
        vm.expectRevert(abi.encodeWithSelector(IAppraisalPolicy.RegistryPlatformIdMissing.selector));
        router.denyPlatform(0);
    }

    function test_governanceAlone() public {
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER);
        IAppraisalPolicy.KindPolicy memory kind = tdxPolicy();
        IAppraisalPolicy.ProductPolicy memory product = _product(TrustTier.Standard, GENOA_TCB);
        vm.startPrank(STRANGER);
        vm.expectRevert(refused);
        router.setKindPolicy(TeeKind.Tdx, kind);
        vm.expectRevert(refused);
        router.setProductPolicy(TeeKind.Tdx, GENOA, product);
        vm.expectRevert(refused);
        router.allowPlatform("platform", true);
        vm.expectRevert(refused);
        router.denyPlatform("platform");
        vm.expectRevert(refused);
        router.pardonPlatform("platform");
    }

    /// Of TDX, whose module the router has: the same by `recheck`, and what it means.
    function _refuses(Claims memory claims, bytes memory expected, IEvidenceRouter.Outcome outcome) private {
        _refusesTier(claims, expected);
        verifier.setClaims(claims);
        (IEvidenceRouter.Outcome got, bytes memory failure) = router.recheck(TeeKind.Tdx, 1, "evidence");
        assertEq(uint8(got), uint8(outcome), "outcome");
        assertWord(keccak256(failure), keccak256(expected), "failure");
        vm.expectRevert(expected);
        router.appraise(TeeKind.Tdx, "evidence");
    }

    function _refusesTier(Claims memory claims, bytes memory expected) private {
        vm.expectRevert(expected);
        router.tierOf(claims);
    }

    function _tdx() private view returns (Claims memory claims) {
        (, claims) = registrationOf(keysetOf(1));
        claims.simulated = false;
        claims.product = "FMSPC";
    }

    function _snp(bytes32 product, bytes8 tcb) private view returns (Claims memory claims) {
        claims = _tdx();
        claims.teeKind = TeeKind.SevSnp;
        (claims.tcbStatus, claims.tcbEvaluationNumber) = (TcbStatus.Unknown, 0);
        (claims.product, claims.tcb) = (product, tcb);
    }

    function _product(TrustTier tier, bytes8 minTcb) private pure returns (IAppraisalPolicy.ProductPolicy memory p) {
        (p.tier, p.minTcb) = (tier, minTcb);
    }
}
