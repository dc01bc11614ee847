// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICryptoErrors} from "../../../../contracts/interfaces/ICryptoErrors.sol";
import {TestBase} from "../../support/TestBase.sol";

interface IRsaPss {
    function verify(bytes calldata message, bytes calldata modulus, bytes calldata signature) external view returns (bool);
    function verifyDigest(bytes32 high, bytes16 low, bytes calldata modulus, bytes calldata signature)
        external
        view
        returns (bool);
}

interface ISha384 {
    function sha384(bytes calldata message) external pure returns (bytes32 high, bytes16 low);
}

/// A key and signatures made by OpenSSL for this test.
contract RsaPssTest is TestBase {
    bytes private constant MESSAGE = "the quick brown fox";
    bytes private constant MODULUS =
        hex"e373e5d7737320670920e67746bf1b0af0f52a005540ac107d75a2ed2e557afbe24195c24117aac9dc9067a3689dd0f74908bb80d611db"
        hex"629a19becfa59ce86fdb6ed688ebe22e6adea6fda42d2cb410cd15b1843d866110fc3d879b98837c85c3e7a46515de5f1c35089e947da4"
        hex"abfdec193a3da51428c583949dc30d8e47ad238f33d786c9d6630852ad56e73f85600d48e08580a99e8807899d794c3693787bba289323"
        hex"d1ce843cd736d835a9b19a03c24c74800355c89fb553040616e22e503ff68f6255eb6997942e1470e1be6ce2d74e655b324519003afacf"
        hex"4ee4d0a7784523621777091e2648f7547f745b84a73ce30dab2d399b670900b6fbeb8124504034194dc7528c4f14bf3e0fe8abcf2d7e77"
        hex"78d846ed6ddad268c986295733ef6b22c6dcabbbcacf56d4c405c3fb424d4f66985188658512f012bb53ceb6cb21d66f9841fc701fb562"
        hex"080b1e2e6d3eaa1884aa6aceda84541bc6a7b51aef68b11cb4874442ac48d852f41e0394e2a050e65055c83da201178d95bafb3a89186e"
        hex"796aa810b1de3576bf298b8da6faf202e79b13c8254344d12b98d7cb3d81ac2165dfb6fa87f1696e3f99526f5e9f3ae060092bc0bb81b8"
        hex"2eb36f392dfb9e7906050019251cef95b51d323cbf1c35e252a9a44b904b449b17f624bd0f21fbbf8604f47851eae4f22e9148680554ed"
        hex"6c1f0520bd88ff731e847d4bdbf4701cdd";
    /// RSASSA-PSS, SHA-384, MGF1-SHA-384, salt of 48.
    bytes private constant SIGNATURE =
        hex"9d45208400b1c723104847238db2bd1ee464869d6dc38242eeacbc75b2fe835da0a506ec35244a657b7d6dfabd74aff71de1133c0a7a6a"
        hex"01fe0fa5cd7cd2c2f0cc2429fc8d99dd9c49d43dc48f07294f8d033f055768de0f0c65240c90b0b84f49941222c6eed19a4ef222f2f73c"
        hex"3708665b1fd8dc2a78940b7f5a57a2e8c12d4e1a916afd3a0736f485e1dcea1dbb124028e2e8c493fa0e7a4d362da3ab43f75b7b4267e4"
        hex"90f66e2af89f92b1c56325119a32a9365f6713fe49eb29b1f497fb79eb3c7f45acec8900ed4d6d689a11733abd000a06d19f43d918f840"
        hex"4995dcb070bdf5f8ff3cc9b58a58409380065c3c9452242b34d9f888efdc047ea2f9b55ccfedccb68f50b079638c9a344fb4c8cd9cf2a9"
        hex"78f0bfe107bdf954fb10d38f0604412538f743455bacdbf8ef5d8bcac0c6195975b72539802f59fa71fd524e111c952fba3f5aefc5777b"
        hex"25b9480805ddc82ea7951cb3f8ab9124628557bbb71816f63b643c3c34ffde48d5579c60d342aa27f9eef4ebef918325ca84a708f2d4bc"
        hex"d19136bca00151247a42520239c9633978e6a477c4eceb87679b6d253cc3300ada903795debb1780db20d2e29af93c170d97e63a818150"
        hex"fdd5a7838d2df636d6f96ed0a15bede0bd86d27f979571dcc3317174d1d863e5d499b625b5f881c6871241eaa0d9060853468c44afa67e"
        hex"b9325550052f8b27e997093b32b3280b5a";
    /// The same with a salt of 47.
    bytes private constant SHORT_SALT =
        hex"385be21cfa968b7239510ca2674a242b6f8d7d946335c67f70b83b69353ef85be86da4f95f73cc6459e418136228cf8aea586432865f51"
        hex"81fcbd64b63a7d2dab79ba4303b3eee770406afb709e1be99c53a0598af492e3c6458026ed1a2be8335e7cc5d06aa7236e3f21474d4a31"
        hex"cf204a6b3d524ff533615311551a4b6d11dc1c8b5985e65c6ca9ca8d8d283539390c96c7c62e157d30bf455649547b2f59899284d98fea"
        hex"0675cbf81a266adb0e1b711cb38b127463b6832ba28ac4b958196e28d83959ffcb3254a8892ad66c52b5cf4c5909b2216170b454f84bac"
        hex"04b64d5ae8d36d683ecc6d42e9165f6a122205a2d3f750f07d2b77a07e16bd642089c138a27df98fcaa671f929907d20d573fb0241f6a2"
        hex"75e9637836c31aa67baad8676452d47ecafbbf8351af3cfa4c6f9b0e1284fd0f0e51e63470635c20af3bacabda8f243d45924c59afcc90"
        hex"9baaf08cc6954618c025ed59731800d0494e6ce019589636b7ef09ea0ae020ab7a61d0e89214a39280402547c01f18b3849ed53a08b8b7"
        hex"0419fd1233787de2d51011f50f4407bf4ab09aef2ebedb0a1dc02fa1a76cd856a51b2d28485ae58841d3f44fe5fe6c495973f32e8f7f64"
        hex"c92bcf514f6c0d164fc43d90a60f5b710e2b69a4847863477901dc869dd2584756a18e142fb02972faccc94167f0a8abb84e32440696cf"
        hex"6b28a23d79d862ad95fc87f7540fdc3747";
    /// RSASSA-PKCS1-v1_5.
    bytes private constant PKCS1 =
        hex"b8b55dd49cb66f319f3cb3e544eedddc23f80378695803b80270b2267230d326b07c6fcd17d985a9a64d6a36240f9ee513bce723c2a54d"
        hex"b39eb7c1600216c96c154b352881eeca7ffa6cc6865e90c78f48e9571c64c7cbddd73db73e39f6b364722724c49dcecf71797b38eae035"
        hex"ca99f590a6884e2a67c270aa93fc13a9a61c1f38df8ef2f902fe3cff79027c6c1f017550af9a688a1121d11fb865df27340a8e93e1cdb5"
        hex"b5ac37a4876c19ca483e49c22e6553d46b5f0c76f9bc0f85222b2e4db38d0bcc15a9096cd83cc2f209bdb0e125bb449114c0848ebc9958"
        hex"13b712bebb042748920a016772edda429abc4275cdb149865136a25e642427fe59af212baae7152c713343ed45070591d4d227fe2b570a"
        hex"db2cc131cbef10832250b35a5a340db71633633c99e2e22889697bef68e6daa5c08260b629f17fcf6b792e7830d7c811ebc9ca3492d4ce"
        hex"6cfdf28b249e3e68196d879ea60bbea78119355bdf12abaa4897eec8edb779e688b10c108df98b00bc0a5f565bcd037a02494d68a2fe2a"
        hex"e8fed5c7c7fb99d6fa93acf4682e6813c4fa3df656cf4b92fb9b9c8065a7a3896e9789b264251c663f2f78bd01eccf536614c8bfa07983"
        hex"74ba25b7954f15c719fe0c8087cb7ef392c24f246d6545d9b0f78b55fef7aee6ce0fe99a64544fa3315a2fef06a08b4285cdae7cf25342"
        hex"4f12c9827a9749a963c0ccd945726c0885";

    IRsaPss private rsa;
    ISha384 private sha;
    address private mgf1;

    function setUp() public {
        sha = ISha384(deployArtifact("crypto/Sha512.sol:Sha512", ""));
        mgf1 = deployArtifact("crypto/Mgf1Sha384.sol:Mgf1Sha384", "");
        rsa = IRsaPss(deployArtifact("crypto/RsaPss.sol:RsaPss", abi.encode(sha, mgf1)));
    }

    function test_constructor_RevertsWhen_HasherIsAnother() public {
        address wrong = address(new WrongHasher());
        _expectRefused(wrong, mgf1, wrong);
        _expectRefused(address(sha), wrong, wrong);
    }

    function _expectRefused(address hasher, address masker, address named) private {
        bytes memory code = bytes.concat(vm.getCode("contracts/crypto/RsaPss.sol:RsaPss"), abi.encode(hasher, masker));
        address deployed;
        bytes memory failure = new bytes(36);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
            returndatacopy(add(failure, 0x20), 0, 36)
        }
        assertTrue(deployed == address(0), "deployed");
        assertWord(keccak256(failure), keccak256(abi.encodeWithSelector(ICryptoErrors.CryptoHashWrong.selector, named)), "error");
    }

    function test_verify_RefusesOtherSchemes() public view {
        assertTrue(!rsa.verify(MESSAGE, MODULUS, SHORT_SALT), "salt of 47");
        assertTrue(!rsa.verify(MESSAGE, MODULUS, PKCS1), "PKCS #1 v1.5");
    }

    function test_verify_RefusesOtherLengths() public view {
        assertTrue(!rsa.verify(MESSAGE, MODULUS, bytes.concat(SIGNATURE, hex"00")), "513 bytes");
        assertTrue(!rsa.verify(MESSAGE, MODULUS, bytes.concat(hex"00", SIGNATURE)), "leading zero");
        assertTrue(!rsa.verify(MESSAGE, bytes.concat(hex"00", MODULUS), SIGNATURE), "modulus of 513 bytes");
        assertTrue(!rsa.verify(MESSAGE, "", SIGNATURE), "no modulus");
        assertTrue(!rsa.verify(MESSAGE, MODULUS, ""), "no signature");
    }

    function test_verify_RefusesNumbersOutOfRange() public view {
        assertTrue(!rsa.verify(MESSAGE, MODULUS, MODULUS), "s = n");
        assertTrue(!rsa.verify(MESSAGE, MODULUS, new bytes(512)), "s = 0");
        bytes memory changed = MODULUS;
        changed[0] = bytes1(uint8(changed[0]) & 0x7f);
        assertTrue(!rsa.verify(MESSAGE, changed, SIGNATURE), "modulus of 4,095 bits");
        changed = MODULUS;
        changed[511] = bytes1(uint8(changed[511]) & 0xfe);
        assertTrue(!rsa.verify(MESSAGE, changed, SIGNATURE), "even modulus");
    }

    /// hardhat-config: fuzz.runs = 32
    function testFuzz_verify_RefusesAnyChangedBit(uint256 bit) public view {
        bit = bound(bit, 0, 4095);
        bytes memory changed = SIGNATURE;
        changed[bit / 8] = bytes1(uint8(changed[bit / 8]) ^ uint8(1 << (bit % 8)));
        assertTrue(!rsa.verify(MESSAGE, MODULUS, changed), "signature");
        changed = MODULUS;
        changed[bit / 8] = bytes1(uint8(changed[bit / 8]) ^ uint8(1 << (bit % 8)));
        assertTrue(!rsa.verify(MESSAGE, changed, SIGNATURE), "modulus");
        changed = MESSAGE;
        changed[bit % MESSAGE.length] = bytes1(uint8(changed[bit % MESSAGE.length]) ^ uint8(1 << (bit % 8)));
        assertTrue(!rsa.verify(changed, MODULUS, SIGNATURE), "message");
    }

    function test_verify_AcceptsTheSignature() public view {
        assertTrue(rsa.verify(MESSAGE, MODULUS, SIGNATURE), "message");
        (bytes32 high, bytes16 low) = sha.sha384(MESSAGE);
        assertTrue(rsa.verifyDigest(high, low, MODULUS, SIGNATURE), "digest");
        assertTrue(!rsa.verifyDigest(low, bytes16(high), MODULUS, SIGNATURE), "another digest");
    }
}

/// Answers every message with zeros.
contract WrongHasher {
    function sha384(bytes calldata) external pure returns (bytes32 high, bytes16 low) {}
    function mask(bytes32, bytes16) external pure returns (bytes32[15] memory words) {}
}
