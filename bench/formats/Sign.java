import eu.europa.esig.dss.cades.CAdESSignatureParameters;
import eu.europa.esig.dss.cades.signature.CAdESService;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.JWSSerializationType;
import eu.europa.esig.dss.enumerations.SignatureAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.enumerations.SignaturePackaging;
import eu.europa.esig.dss.jades.JAdESSignatureParameters;
import eu.europa.esig.dss.jades.signature.JAdESService;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.signature.AbstractSignatureParameters;
import eu.europa.esig.dss.signature.DocumentSignatureService;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.xades.XAdESSignatureParameters;
import eu.europa.esig.dss.xades.signature.XAdESService;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/** EU DSS signs one file, for the benchmark: see formats.ts for arguments and answer. */
public final class Sign {
  private final Path folder;
  private final CertificateToken certificate;
  private final CertificateToken[] chain;
  private final PrivateKey key;

  private Sign(Path folder) throws Exception {
    this.folder = folder;
    certificate = DSSUtils.loadCertificate(folder.resolve("signer.der").toFile());
    chain = new CertificateToken[] {certificate, DSSUtils.loadCertificate(folder.resolve("issuing.der").toFile())};
    byte[] pkcs8 = Files.readAllBytes(folder.resolve("key.der"));
    key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  public static void main(String[] args) throws Exception {
    Sign sign = new Sign(Path.of(args[0]));
    for (int i = 0; i < Integer.parseInt(args[2]); i++) sign.once(args[1]);
    long begun = System.nanoTime();
    for (int i = 0; i < Integer.parseInt(args[3]); i++) sign.once(args[1]);
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.println("{\"seconds\": " + seconds + ", \"peakBytes\": " + peakBytes() + "}");
  }

  private void once(String format) throws Exception {
    CommonCertificateVerifier verifier = new CommonCertificateVerifier();
    switch (format) {
      case "PAdES" -> sign(format, new PAdESService(verifier), pades());
      case "CAdES" -> sign(format, new CAdESService(verifier), cades());
      case "JAdES" -> sign(format, new JAdESService(verifier), jades());
      case "XAdES" -> sign(format, new XAdESService(verifier), xades());
      default -> throw new IllegalArgumentException(format);
    }
  }

  private static PAdESSignatureParameters pades() {
    PAdESSignatureParameters parameters = new PAdESSignatureParameters();
    parameters.setSignatureLevel(SignatureLevel.PAdES_BASELINE_B);
    return parameters;
  }

  private static CAdESSignatureParameters cades() {
    CAdESSignatureParameters parameters = new CAdESSignatureParameters();
    parameters.setSignatureLevel(SignatureLevel.CAdES_BASELINE_B);
    parameters.setSignaturePackaging(SignaturePackaging.DETACHED);
    return parameters;
  }

  private static JAdESSignatureParameters jades() {
    JAdESSignatureParameters parameters = new JAdESSignatureParameters();
    parameters.setSignatureLevel(SignatureLevel.JAdES_BASELINE_B);
    parameters.setSignaturePackaging(SignaturePackaging.ENVELOPING);
    parameters.setJwsSerializationType(JWSSerializationType.COMPACT_SERIALIZATION);
    return parameters;
  }

  private static XAdESSignatureParameters xades() {
    XAdESSignatureParameters parameters = new XAdESSignatureParameters();
    parameters.setSignatureLevel(SignatureLevel.XAdES_BASELINE_B);
    parameters.setSignaturePackaging(SignaturePackaging.DETACHED);
    return parameters;
  }

  private <P extends AbstractSignatureParameters<?>> void sign(
      String format, DocumentSignatureService<P, ?> service, P parameters) throws Exception {
    parameters.setDigestAlgorithm(DigestAlgorithm.SHA256);
    parameters.setSigningCertificate(certificate);
    parameters.setCertificateChain(chain);
    DSSDocument document = new FileDocument(new File(folder.toFile(), "document.pdf"));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update(service.getDataToSign(document, parameters).getBytes());
    SignatureValue value = new SignatureValue(SignatureAlgorithm.ECDSA_SHA256, signature.sign());
    service.signDocument(document, parameters, value).save(folder.resolve("dss." + format).toString());
  }

  /** proc_pid_status(5). */
  private static long peakBytes() throws Exception {
    List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
    String peak = status.stream().filter(line -> line.startsWith("VmHWM:")).findFirst().orElseThrow();
    return Long.parseLong(peak.replaceAll("\\D", "")) * 1024;
  }
}
