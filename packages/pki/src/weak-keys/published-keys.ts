/**
 * Keys whose private half is printed in a standard or lies in a public repository, by SHA-256 of their DER
 * SubjectPublicKeyInfo. Of the kinds that we accept only: all others are refused for their kind.
 *
 * The keys that Debian's OpenSSL made from 2006 to 2008 (CVE-2008-0166) are not here. The published lists know RSA up
 * to 2048 bits and 4096, are too long to stand beside code, and carry no licence that this one could take; an
 * operator who has one names it to the key tool.
 */
export const publishedKeys: ReadonlySet<string> = new Set([
  // RFC 6979, A.2.5
  '5a7a78cca4a0f420d9bc62bb669c3c2759e39f723d3ae10dcbe0f0815a07ecd4',
  // RFC 6979, A.2.6
  '2f95601fa82060b909bfc6b979dbd303d34d34e0afb27ea496beac362f242a4b',
  // RFC 6979, A.2.7
  '2fb6d46385242ea4ad431f7175e7014eb74a5fc60f65b50ca54cc23c5b08de38',
  // RFC 7515, A.3
  '2bd1bb0c44a897c30a7aa0991cde38d8062fe441de50da0f46825344f602e827',
  // RFC 7515, A.4
  '9146ce73d6abeda5e0ab6926e7bd9b563f2f2258b488d520534a0b84ba5871df',
  // RFC 7517, A.2
  '51b944cdfa544d4c3273aa6bf350625a7dd53bbb6a71723274f538b19a207760',
  // RFC 9500, 2.3
  'b2b04340cfaee616ec9c2c62d261b208e54bb197498df52e8cadede23ac0ba5e',
  // RFC 8032, 7.1
  '06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9',
  'deb2ded39dc26fce0e6085b6fc34bf6b5941913bbfe2ea614113cff9e004c170',
  '8d39ba50abe50f77b6bb8ae7b6927aff7ffbeba35ad2837c0e51e82bcbcc60d5',
  // RFC 8410, 10.3
  'a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f',
  // Test keys of BoringSSL.
  'b3aea0f0a50538874f2b4c912f2676bd25ccc3dae700e20dcad42d3d5c074ca5',
  'ef56051c5523387cbffe18f4e53291c2c19bd7e93e8b3bf53751d23b6d1245ba',
  '343d20a6e4da2b301d3c48213530309108158ed850ff4e9ec2bc6c712471301a',
  '9c6b45fa70ea90cc4d56112e2a3e30efc109aa022364c3ac4de3d7338013eb3e',
  'babba5a7b8b87643a862a3e5185c0079899c2ea43fae50c9e4462730f4968091',
  '537ef378cd3ff618491a0700a677cf1f3412c4a1c6c59eb49e85f5f7f90d8983',
  '6f8defb2ab68642e8930af54b33e9aa900e58fcf2aa49c643b2205deabb07ca4',
  '28839ee853557324c3570ceb290e3a0c3ed00551dd3750ef53942097dd8a8b26',
  '75fc77ebf9a6398e5f1337e8b275254f3e2b57293e8c1057d9a63eda112e215e',
  '79d461d935b78a2847d515dcfb347688e86efc8dace89dc8aef0ea1ebad8bbdf',
  '182051e0a367186083b94faac3fb128ecaa550d59063a54ec24914c3e0b6b75f',
  '3b93b907e4124afe26714f14e6a02879080d486760c85b657518308b2236624d',
  'fb8dca4586f89371105418bc608369d0c3e13eb3ec2f62e8b5884583975becd6',
  '945cf1eaf82a7a77811c4ed6e6a5b7f4eb245cce06a49fb0a4126a2503268df2',
  '7497c65073382bd6fa734c4143066861a943aa4576d675be54f1fa5567adbaab',
  'e9f2a74c9429ba4f2469f86ec4545025a2218e30ff064139ab79d2cc93093e5d',
  '778805386a332403d91f4df6535b5351c33b489f9f4f94b2283be85da379dc17',
  '2467b5d930775905a7973459e760e044218719b521cdb5e2cc44495d343d98f2',
])
