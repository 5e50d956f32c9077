use crate::{
    Client,
    certificate::{
        is_of,
        name::{has_dns_name, is_subject},
    },
};
use rcgen::{CertificateParams, DnType, KeyPair, SanType};

fn certificate(subject: &[(DnType, &str)], dns: &[&str]) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.subject_alt_names =
        dns.iter().map(|name| SanType::DnsName((*name).try_into().expect("a name"))).collect();
    let key = KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("a certificate").der().to_vec()
}

#[test]
fn a_subject_is_compared_as_a_name_and_its_values_letter_by_letter() {
    let uid = DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 1]);
    let der = certificate(
        &[
            (DnType::CountryName, "DE"),
            (DnType::OrganizationName, "Sue, Grabbit + Runn"),
            (uid, " a=b "),
            (DnType::CommonName, "Žofie"),
        ],
        &[],
    );
    for same in [
        r"CN=Žofie,UID=\ a\=b\ ,O=Sue\, Grabbit \+ Runn,C=DE",
        r"cn = Žofie , uid=\20a=b\20, o=Sue\2c Grabbit \2B Runn, c=DE",
        r"2.5.4.3=\c5\BDofie,0.9.2342.19200300.100.1.1=\ a=b\ ,2.5.4.10=Sue\, Grabbit \+ Runn,2.5.4.6=DE",
    ] {
        assert!(is_subject(&der, same), "{same}");
    }
    for other in [
        "",
        "CN=Žofie",
        r"C=DE,O=Sue\, Grabbit \+ Runn,UID=\ a=b\ ,CN=Žofie",
        r"CN=žofie,UID=\ a=b\ ,O=Sue\, Grabbit \+ Runn,C=DE",
        r"CN=Žofie,UID=a=b,O=Sue\, Grabbit \+ Runn,C=DE",
        r"CN=Žofie,UID=\ a=b\ ,O=Sue\, Grabbit \+ Runn,C=DE,",
        r"CN=Žofie+UID=\ a=b\ ,O=Sue\, Grabbit \+ Runn,C=DE",
        r"XX=Žofie,UID=\ a=b\ ,O=Sue\, Grabbit \+ Runn,C=DE",
        r"CN=#0c0001,UID=\ a=b\ ,O=Sue\, Grabbit \+ Runn,C=DE",
        r"CN=Žofie\",
        r"CN=\zz",
    ] {
        assert!(!is_subject(&der, other), "{other}");
    }
    assert!(!is_subject(&certificate(&[], &[]), ""), "nobody");
    assert!(!is_subject(b"no certificate", "CN=a"));
}

#[test]
fn a_dns_name_is_one_of_those_in_the_certificate() {
    let der = certificate(&[(DnType::CommonName, "cn.example")], &["a.example", "*.b.example"]);
    for (name, there) in [
        ("a.example", true),
        ("A.Example", true),
        ("*.b.example", true),
        ("x.b.example", false),
        ("cn.example", false),
        ("example", false),
        ("a.example.", false),
        ("", false),
    ] {
        assert_eq!(has_dns_name(&der, name), there, "{name}");
    }
    assert!(!has_dns_name(&certificate(&[(DnType::CommonName, "a.example")], &[]), "a.example"));
}

#[test]
fn a_client_has_registered_one_name_and_no_more() {
    let der = certificate(&[(DnType::CommonName, "a")], &["a.example"]);
    let client = |subject: Option<&str>, dns: Option<&str>| Client {
        tls_subject_dn: subject.map(str::to_owned),
        tls_san_dns: dns.map(str::to_owned),
        ..Client::default()
    };
    assert!(is_of(&der, &client(Some("CN=a"), None)) && is_of(&der, &client(None, Some("a.example"))));
    assert!(!is_of(&der, &client(Some("CN=a"), Some("a.example"))), "which of them is meant");
    assert!(!is_of(&der, &client(None, None)));
}
